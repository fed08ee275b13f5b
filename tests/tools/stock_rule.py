"""The level rule and the stopped pool that sizes itself, as docs/decisions/0007 states them.

Written from the formulas, slowly and plainly: nothing of Headroom is used, each 10 s are looked at one
by one, and what is known of hours is added up anew from all hours that passed. Seconds throughout.
"""

import heapq
import math
from collections import deque
from operator import mul

BOOT, WARM_START, STOPPING, WEBHOOK, TICK = 120.0, 25.0, 30.0, 3.0, 10.0
STOPPED_COST = 0.025
HOUR, DAY, WEEK_HOURS = 3600.0, 86_400.0, 168

BURST_GAP, BURST_SPAN, BURST_MAX = 10.0, 60.0, 512
LEARNING, LEARNING_BURSTS = 3 * DAY, 10
# The demand of late: how long it is remembered, and its part of what is expected.
RECENT = ((45 * 60.0, 0.2), (4 * HOUR, 0.2))
SIZES_KEPT = 0.998
WEEK_KEPT, NEIGHBOUR, LIKE_DAY, SHRUNK_HOURS = 0.9, 1.0, 0.3, 8.0
NOTES_KEPT, PRIOR_NOTES, PRIOR_PRICE, PRICE_LEAST, PRICE_MOST = 0.9999, 500.0, 12.0, 0.6, 40.0
REPLENISHED = BOOT + STOPPING
# Until keeping an instance has cost what preparing another would.
SURPLUS_KEPT = BOOT / STOPPED_COST
STEP = 600.0


def worth(price):
    """Uses a second from which a stopped instance is worth its disk: use * ((B - W) w - W) >= cost."""
    return STOPPED_COST / ((BOOT - WARM_START) * price - WARM_START)


def uses(rates, least):
    """How often a second the n-th stopped instance is used, from n = 1: by a burst of X jobs that finds
    D jobs come within the replenishment before it, with D < n <= D + X. Ends where eight in a row are
    used less often than `least`."""
    largest = max(rates, default=0)
    weighted = [n * rates.get(n, 0.0) * REPLENISHED for n in range(1, largest + 1)]
    at_least, sum_above = [], 0.0
    for n in range(largest, 0, -1):
        sum_above += rates.get(n, 0.0)
        at_least.append(sum_above)
    at_least.reverse()
    came = [math.exp(-sum(rates.values()) * REPLENISHED)]
    found, rare = [], 0
    for n in range(1, BURST_MAX + 1):
        before = came[::-1]
        found.append(sum(map(mul, at_least, before)))
        rare = 0 if found[-1] >= least else rare + 1
        if rare == 8:
            break
        came.append(sum(map(mul, weighted, before)) / n)
    return found


class Hours:
    """Bursts by hour since the epoch."""

    def __init__(self):
        self.bursts, self.first, self.mean_of = {}, None, (None, 0.0, 0.0)

    def note(self, at):
        hour = int(at // HOUR)
        self.first = hour if self.first is None else self.first
        self.bursts[hour] = self.bursts.get(hour, 0) + 1

    def passed(self, until, like):
        """Bursts and hours of those before `until` that are like it; a week ago counts less."""
        bursts = hours = 0.0
        for hour in like:
            while hour >= until:
                hour -= WEEK_HOURS
            weight = 1.0
            while hour >= self.first:
                bursts += weight * self.bursts.get(hour, 0)
                hours += weight
                weight *= WEEK_KEPT
                hour -= WEEK_HOURS
        return bursts, hours

    def usual(self, at):
        """Bursts a second that are usual at this hour of the week."""
        hour, part = int(at // HOUR), at % HOUR / HOUR
        if self.mean_of[0] != hour:
            self.mean_of = (hour, *self.passed(hour, range(hour, hour + WEEK_HOURS)))
        now = self.bursts.get(hour, 0)
        mean = (self.mean_of[1] + now) / max(1.0, self.mean_of[2] + part)
        bursts, hours = self.passed(hour, (hour, hour - 1, hour + 1))
        # 1 January 1970 was a Thursday.
        weekday = (hour // 24 + 3) % 7
        like = [day for day in range(7) if day != weekday and (day > 4) == (weekday > 4)]
        more = self.passed(hour, [hour + (day - weekday) * 24 for day in like])
        bursts += now + LIKE_DAY * more[0]
        hours += part + LIKE_DAY * more[1]
        return (bursts + SHRUNK_HOURS * mean) / (hours + SHRUNK_HOURS) / HOUR


class Demand:
    """What is known of the jobs that came, and how many stopped instances are worth holding."""

    def __init__(self, price=None, share=None):
        self.price, self.share = price, share
        self.hours, self.sizes, self.bursts = Hours(), {}, 0.0
        self.recent, self.first, self.open = deque(), None, None
        self.lately, self.expected = deque(), []
        self.notes, self.noted, self.weight = {}, 0.0, 1.0

    def arrived(self, at):
        self.first = at if self.first is None else self.first
        self.lately.append(at)
        while self.lately[0] < at - REPLENISHED:
            self.lately.popleft()
        goes_on = self.open and at - self.open[1] <= BURST_GAP and at - self.open[0] <= BURST_SPAN
        if not goes_on:
            if self.share and self.bursts >= LEARNING_BURSTS:
                self.expected = uses(self.rates(at), worth(PRICE_MOST))
            self.begins(at)
        self.open = (self.open[0], at, self.open[2] + 1)
        if self.expected:
            self.note(self.expected[min(len(self.lately), len(self.expected)) - 1])

    def begins(self, at):
        if self.open:
            size = min(self.open[2], BURST_MAX)
            self.sizes = {n: weight * SIZES_KEPT for n, weight in self.sizes.items()}
            self.sizes[size] = self.sizes.get(size, 0.0) + 1.0
            self.bursts = self.bursts * SIZES_KEPT + 1.0
            self.recent.append((self.open[1], size))
        self.hours.note(at)
        self.open = (at, at, 0)

    def rates(self, at):
        """Bursts a second, by size."""
        usual = self.hours.usual(at) * (1 - sum(part for _, part in RECENT)) / max(self.bursts, 1.0)
        rates = {n: usual * weight for n, weight in self.sizes.items()}
        while self.recent and at - self.recent[0][0] > 12 * RECENT[1][0]:
            self.recent.popleft()
        latest = [(self.open[1], self.open[2])] if self.open and self.open[2] else []
        for then, size in [*self.recent, *latest]:
            rate = sum(part * math.exp((then - at) / age) / age for age, part in RECENT)
            rates[size] = rates.get(size, 0.0) + rate
        return rates

    def note(self, use):
        self.weight /= NOTES_KEPT
        step = round(math.log(max(use, 1e-12)) * 50)
        self.notes[step] = self.notes.get(step, 0.0) + self.weight
        self.noted += self.weight

    def threshold(self):
        if self.price:
            return worth(self.price)
        jobs, below, learned = self.noted / self.weight, 0.0, 0.0
        for step in sorted(self.notes):
            below += self.notes[step]
            if below > (1 - self.share) * self.noted:
                learned = math.exp(step / 50)
                break
        learned = min(max(learned, worth(PRICE_MOST)), worth(PRICE_LEAST))
        part = jobs / (jobs + PRIOR_NOTES)
        return learned ** part * worth(PRIOR_PRICE) ** (1 - part)

    def wanted(self, at):
        if self.first is None or at - self.first < LEARNING or self.bursts < LEARNING_BURSTS:
            return 0
        least = self.threshold()
        found = uses(self.rates(at), least)
        return max((n for n, use in enumerate(found, 1) if use >= least), default=0)


class Stock:
    """The size of the stopped pool: the most that was wanted while surplus is kept."""

    def __init__(self, demand):
        self.demand, self.wanted = demand, deque()
        self.asked_at, self.has_news = -math.inf, False

    def arrived(self, at):
        self.demand.arrived(at)
        self.has_news = True

    def size(self, now):
        if self.has_news or now // STEP > self.asked_at // STEP:
            self.asked_at, self.has_news = now, False
            wanted = self.demand.wanted(now)
            while self.wanted and self.wanted[-1][1] <= wanted:
                self.wanted.pop()
            self.wanted.append((now, wanted))
        while self.wanted and self.wanted[0][0] <= now - SURPLUS_KEPT:
            self.wanted.popleft()
        return self.wanted[0][1] if self.wanted else 0


class Constant:
    """A stopped pool of always the same size."""

    def __init__(self, instances):
        self.instances = instances

    def arrived(self, at):
        pass

    def size(self, now):
        return self.instances


def replay(jobs, since, stock, ceiling=math.inf):
    """Waits of the jobs that asked from `since` on, and the bill, where instances are launched by the
    level rule (jobs that wait and were seen, less what boots), at each webhook and each 10 s."""
    ENDED, READY, PREPARED, SEEN, ASKED = range(5)
    number, arrivals = 0, deque(jobs)
    events = []
    waiting, waits, shelf, preparing = deque(), [], deque(), []
    seen = served = booting = members = 0
    bill = held = 0.0
    idle = deque()

    def at(when, what, value=None):
        nonlocal number
        number += 1
        heapq.heappush(events, (when, what, number, value))

    def after(start, end):
        return max(0.0, end - max(start, since))

    def prepare(size):
        while len(shelf) + len(preparing) < size:
            preparing.append(now)
            at(now + REPLENISHED, PREPARED, now)

    def launch(size):
        nonlocal booting, members, held
        lacking = min(seen - served - booting - len(idle), ceiling - members)
        for _ in range(max(0, lacking)):
            if shelf:
                held += after(shelf.popleft(), now)
                at(now + WARM_START, READY, now)
            else:
                at(now + BOOT, READY, now)
            booting += 1
            members += 1
        prepare(size)

    size, tick = 0, jobs[0][0] // TICK * TICK
    while arrivals or waiting or members:
        tick += TICK
        while arrivals and arrivals[0][0] <= tick:
            job = arrivals.popleft()
            at(job[0], ASKED, job)
            at(job[0] + WEBHOOK, SEEN, job[0])
        while events and events[0][0] <= tick:
            now, what, _, value = heapq.heappop(events)
            if what == ASKED:
                waiting.append(value)
            elif what == READY:
                booting -= 1
                idle.append(value)
            elif what == ENDED:
                members -= 1
            elif what == PREPARED and value in preparing:
                preparing.remove(value)
                shelf.append(now)
                bill += after(value, value + BOOT)
            elif what == SEEN:
                seen += 1
                stock.arrived(value)
                launch(size)
            while waiting and idle:
                (asked, length), ordered = waiting.popleft(), idle.popleft()
                served += 1
                at(now + length, ENDED)
                if asked >= since:
                    waits.append(now - asked)
                    bill += now + length - ordered
        now = tick
        size = min(stock.size(now), ceiling)
        while len(shelf) + len(preparing) > size:
            if preparing:
                begun = preparing.pop()
                bill += after(begun, min(now, begun + BOOT))
            else:
                held += after(shelf.pop(), now)
        launch(size)
    held += sum(after(put, now) for put in shelf)
    return waits, bill + held * STOPPED_COST
