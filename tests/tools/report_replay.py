"""Replays the jobs of a report with a fleet of its own, and compares with what the report predicts.

Usage: report_replay.py TRACE.csv[.gz] REPORT.json. Nothing of Headroom is used. The fleet is that of one
instance for each webhook, as the definitions state it: beside each job a new instance is ordered when
its webhook comes; some instances are kept stopped, or idle; the oldest waiting job gets what is ready
first; an instance serves one job. Where the stopped pool sizes itself, or a limit holds, the fleet is
that of stock_rule.py. Ends with 1 and names each figure that differs by over 10 %.
"""

import csv
import gzip
import heapq
import json
import math
import re
import sys
from collections import defaultdict, deque
from datetime import datetime

import stock_rule
from stock_rule import BOOT, STOPPED_COST, STOPPING, WARM_START, WEBHOOK

LATE_WEBHOOK = 30.0
TOLERANCE = 0.10
# Waits and bills below these differ by rounding alone.
WAIT_LEAST, BILL_LEAST = 1.0, 0.1


def read(path):
    """Pool by pool: when each job asked, and how long it ran, in seconds; in order of time, and of jobs
    that asked in the same second the one first that really had its runner first."""
    opened = gzip.open(path, "rt") if path.endswith(".gz") else open(path, newline="")
    pools = defaultdict(list)
    with opened as lines:
        for row in csv.DictReader(lines):
            asked = int(row["queued_at_unix_ms"]) / 1000
            waited = int(row["recorded_wait_ms"] or sys.maxsize)
            pools[row["pool"]].append((asked, waited, int(row["duration_ms"]) / 1000))
    return {pool: [(asked, length) for asked, _, length in sorted(jobs)]
            for pool, jobs in pools.items()}


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Fleet:
    """Instances and their bill from `since` on."""

    def __init__(self, since, until):
        self.since, self.until = since, until
        self.ran = self.prepared = self.held = 0.0

    def measured(self, start, end):
        return max(0.0, min(end, self.until) - max(start, self.since))

    def bill(self):
        return self.ran + self.prepared + self.held * STOPPED_COST


def replay(jobs, since, until, stopped=0, idle=0, delay=WEBHOOK):
    """Waits of the jobs that asked from `since` on, and the bill."""
    first = jobs[0][0]
    fleet = Fleet(since, until)
    # Events at one instant: instances become ready, webhooks order, jobs ask.
    READY, PREPARED, ORDER, ASK = range(4)
    events, number = [], 0

    def at(when, what, value):
        nonlocal number
        number += 1
        heapq.heappush(events, (when, what, number, value))

    ready = deque((first, first) for _ in range(idle))  # (billed from, ready since)
    shelf = deque([first] * stopped)
    waiting, waits = deque(), []

    def serve(job, instance, now):
        asked, length = job
        if asked >= since:
            waits.append(now - asked)
            # An instance that ran a job is billed as its job counts.
            fleet.ran += now + length - instance[0]

    for job in jobs:
        at(job[0], ASK, job)
        at(job[0] + delay, ORDER, None)
    while events:
        now, what, _, value = heapq.heappop(events)
        if what == ASK:
            if ready:
                serve(value, ready.popleft(), now)
            else:
                waiting.append(value)
        elif what == ORDER:
            if shelf:
                fleet.held += fleet.measured(shelf.popleft(), now)
                at(now + WARM_START, READY, (now, now + WARM_START))
                fleet.prepared += fleet.measured(now, now + BOOT)
                at(now + BOOT + STOPPING, PREPARED, None)
            else:
                at(now + BOOT, READY, (now, now + BOOT))
        elif what == PREPARED:
            shelf.append(now)
        elif waiting:
            serve(waiting.popleft(), value, now)
        else:
            ready.append(value)
    for put_at in shelf:
        fleet.held += fleet.measured(put_at, until)
    for begun, _ in ready:
        fleet.ran += fleet.measured(begun, until)
    return waits, fleet.bill()


def foreseen(jobs, since, wait, extra):
    """Who knows the future: everybody waits as long, and each job costs `extra` beside itself."""
    counted = [length for asked, length in jobs if asked >= since]
    return [wait] * len(counted), sum(counted) + extra * len(counted)


# The share of the jobs that `auto` serves from stock.
AUTO = 0.955


def stocked(setting, jobs, since, ceiling=math.inf):
    """Waits and bill of a stopped pool as `stopped` of the configuration says."""
    if setting == '"none"' or setting.isdigit():
        stock = stock_rule.Constant(0 if setting == '"none"' else int(setting))
    else:
        told = re.fullmatch(r'"auto"|\{ (share|patience) = (.+) \}', setting)
        known = {"share": AUTO} if told[1] is None else {told[1]: float(told[2])}
        stock = stock_rule.Stock(stock_rule.Demand(known.get("patience"), known.get("share")))
    return stock_rule.replay(jobs, since, stock, ceiling)


def of(policy, jobs, since, until):
    """Waits and bill of a policy that is told apart by its name; None for those that are not modelled."""
    constant = re.fullmatch(r"(stopped|idle)-pool:(\d+)", policy)
    if constant:
        kind, size = constant[1], int(constant[2])
        return replay(jobs, since, until, **{kind: size})
    sized = re.fullmatch(r"headroom:(share|w)=(.+)", policy)
    if sized:
        kind = {"share": "share", "w": "patience"}[sized[1]]
        return stocked(f"{{ {kind} = {sized[2]} }}", jobs, since)
    known = {
        "headroom": lambda: stocked('"auto"', jobs, since),
        "per-webhook": lambda: replay(jobs, since, until),
        "per-webhook-delayed": lambda: replay(jobs, since, until, delay=LATE_WEBHOOK),
        "oracle": lambda: foreseen(jobs, since, 0.0, BOOT),
        "warm-oracle": lambda: foreseen(jobs, since, WARM_START, BOOT + WARM_START),
    }
    return known[policy]() if policy in known else None


def predictions(pool, jobs, since, until):
    """What the report predicts of a pool, each with its name and with waits and bill as found here."""
    for point in pool["frontier"]:
        yield point["policy"], point, of(point["policy"], jobs, since, until)
    set_to = pool["recommendation"]
    if set_to is None or set_to["schedule"]:
        return
    for point in pool["advice"]["sweep"]:
        # A job that waits for a day is given up; here it is not.
        if point["unserved"] == 0:
            limit = point["runners_max"]
            found = stocked(set_to["stopped"], jobs, since, limit)
            yield f"runners_max = {limit}", point, found


def rank(values, percent):
    return sorted(values)[-(-len(values) * percent // 100) - 1]


def differs(found, told, least):
    return abs(found - told) > TOLERANCE * max(found, least)


def main(trace, report):
    pools = read(trace)
    with open(report) as file:
        report = json.load(file)
    compared, worst, wrong = 0, 0.0, []
    for pool in report["pools"]:
        advice = pool["advice"]
        if advice is None:
            continue
        begun, ended = (instant(advice["sample"][end]) for end in ("from", "to"))
        # Instants of the report are whole seconds.
        jobs = [job for job in pools[pool["name"]] if begun <= job[0] < ended + 1]
        since = jobs[0][0] + advice["learned"]["days"] * 86_400
        until = jobs[-1][0]
        least = foreseen(jobs, since, 0.0, BOOT)[1]
        unseen = {"headroom", "headroom:w=12", "stopped-pool:1", "per-webhook"}
        for what, point, found in predictions(pool, jobs, since, until):
            if found is None:
                continue
            unseen.discard(what)
            waits, bill = found
            figures = {
                "wait_mean_secs": (sum(waits) / len(waits), WAIT_LEAST),
                "wait_p50_secs": (rank(waits, 50), WAIT_LEAST),
                "wait_p95_secs": (rank(waits, 95), WAIT_LEAST),
                "within_slo": (sum(w <= report["slo"]["wait_secs"] for w in waits) / len(waits), 1.0),
                "bill_over_oracle": (bill / least, BILL_LEAST),
            }
            for name, (value, floor) in figures.items():
                if name not in point:
                    continue
                compared += 1
                worst = max(worst, abs(value - point[name]) / max(value, floor))
                if differs(value, point[name], floor):
                    wrong.append(f"{pool['name']}: {what}: {name} is {value:.4f}, "
                                 f"not {point[name]}")
        wrong.extend(f"{pool['name']}: {what} is not there to compare" for what in sorted(unseen))
    for line in wrong:
        print(line)
    print(f"{compared} figures compared, the furthest {worst:.1%} off")
    sys.exit(1 if wrong or not compared else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
