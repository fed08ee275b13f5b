//! One pool: does it keep up, is it big enough, and what does the scaler do about it?

use model::{Dimension, Expr, catalogue as c};

use super::cost::shares;
use super::fleet::{PERCENTILES_EVERY, flow, percentiles, waits};
use super::{Board, Line, Role, Row, Unit, Variable, line};
use super::{alarms, figure, heat_map, stacked, time_series};

pub(super) fn board() -> Board {
    Board {
        name: "pool",
        title: "Pool",
        description: "One pool: does it keep up, is it big enough, and what does the scaler do?",
        variables: vec![Variable::Pool],
        rows: vec![now(), queue(), jobs(), runners(), scaler(), quality()],
    }
}

/// Of the pool that was chosen.
fn of(line: Line) -> Line {
    line.chosen(Dimension::Pool)
}

/// Half of what was timed took less.
fn half(timing: model::Timing) -> Line {
    line(timing.percentile(50).every(PERCENTILES_EVERY))
}

fn now() -> Row {
    Row {
        title: "Now",
        widgets: vec![
            figure("waiting", "Waiting now", Unit::Count)
                .says("Jobs that ask for a runner now.")
                .draws([of(line(c::JOBS_WAITING.max())).called("waiting", Role::Waiting)]),
            figure("oldest", "Oldest wait", Unit::Time)
                .says("How long the job that waits longest has waited; 0 when none waits.")
                .draws([of(line(c::OLDEST_WAITING_AGE.max())).called("oldest", Role::Waiting)]),
            figure("running", "Running now", Unit::Count)
                .says("Jobs that have a runner now.")
                .draws([of(line(c::JOBS_RUNNING.max())).called("running", Role::Running)]),
            figure("high", "95th percentile of waits", Unit::Time)
                .says("95 of 100 jobs that started in the time shown waited at most this long.")
                .draws([of(line(c::JOB_WAIT.percentile(95))).called("p95", Role::High)]),
            figure("idle", "Idle now", Unit::Count)
                .says("Runners that wait for a job.")
                .draws([of(line(c::RUNNERS_IDLE.max())).called("idle", Role::Idle)]),
            figure("desired", "Desired now", Unit::Count)
                .says("The capacity that the scaler asks for, or would in a dry run.")
                .draws([of(line(c::RUNNERS_DESIRED.max())).called("desired", Role::Desired)]),
            alarms("alarms", "Alarms of this pool")
                .says("The state of every alarm of this pool; each has a runbook."),
        ],
    }
}

fn queue() -> Row {
    Row {
        title: "The queue",
        widgets: vec![
            stacked("demand", "Jobs running and waiting", Unit::Count)
                .says("On average in each period. Where running stays flat below waiting, the pool is full.")
                .draws([
                    of(line(c::JOBS_RUNNING.average())).called("running", Role::Running),
                    of(line(c::JOBS_WAITING.average())).called("waiting", Role::Waiting),
                ]),
            time_series("age", "Oldest wait over time", Unit::Time)
                .says("A curve that climbs minute by minute is a job that nobody serves.")
                .draws([of(line(c::OLDEST_WAITING_AGE.max())).called("oldest", Role::Waiting)]),
            waits(of),
            heat_map("wait-spread", "How waits are spread")
                .says(
                    "Jobs by how long they waited: one band is a pool with capacity ready; a second \
                     one higher up is those that waited for a boot.",
                )
                .draws([of(line(c::JOB_WAIT.samples())).called("jobs", Role::Waiting)]),
        ],
    }
}

fn jobs() -> Row {
    Row {
        title: "The jobs",
        widgets: vec![
            flow(of),
            time_series("late", "Jobs that waited longer than 5 minutes", Unit::Percent)
                .says(
                    "Of the jobs that started in each period. The objective allows 5 % of them \
                     unless it is set otherwise.",
                )
                .draws([of(line(late(LATE_SECS))).called("late", Role::Waiting)]),
            stacked("conclusions", "How jobs ended", Unit::Count)
                .says("Jobs that were over in each period, skipped and cancelled ones included.")
                .draws([of(line(c::JOB_CONCLUSIONS.sum()))
                    .each(Dimension::Conclusion)
                    .called("ended", Role::Plain)]),
            time_series("durations", "Job durations", Unit::Time)
                .says("Time with a runner, of the jobs that ended in each period.")
                .draws(percentiles(c::JOB_DURATION, of)),
        ],
    }
}

/// The bound of the objective about waits unless it is set otherwise.
const LATE_SECS: u64 = 300;

/// The share of jobs that waited longer, in per cent.
fn late(secs: u64) -> Expr {
    Expr::from(100.0) - c::JOB_WAIT.share_up_to(secs).every(PERCENTILES_EVERY)
}

fn runners() -> Row {
    Row {
        title: "The runners",
        widgets: vec![
            stacked("runners", "Runners by what they do", Unit::Count)
                .says("On average in each period. Idle and booting ones are ready or on their way.")
                .draws([
                    of(line(c::RUNNERS_BUSY.average())).called("busy", Role::Running),
                    of(line(c::RUNNERS_IDLE.average())).called("idle", Role::Idle),
                    of(line(c::RUNNERS_BOOTING.average())).called("booting", Role::Booting),
                    of(line(c::RUNNERS_OVERDUE.average())).called("overdue", Role::Bad),
                ]),
            time_series("capacity", "Members, desired and the limit", Unit::Count)
                .says(
                    "Members below desired are instances that do not come; desired at the limit is \
                       a pool that is too small. Where there is no limit, none is drawn.",
                )
                .draws([
                    of(line(c::RUNNERS_MEMBERS.max())).called("members", Role::Running),
                    of(line(c::RUNNERS_SPOT.max())).called("Spot members", Role::Odd),
                    of(line(c::RUNNERS_DESIRED.max())).called("desired", Role::Desired),
                    of(line(c::RUNNERS_MAX.max())).called("limit", Role::Limit),
                ]),
            stacked("shares", "What runner hours went into", Unit::Percent)
                .says("Of what is paid for in each period: the lowest area is the utilisation.")
                .draws(shares(of)),
            time_series("stopped", "Stopped instances", Unit::Count)
                .says("Ready ones below the wanted are jobs that will wait for a cold boot.")
                .draws([
                    of(line(c::RUNNERS_STOPPED.max())).called("ready", Role::Stopped),
                    of(line(c::RUNNERS_STOPPED_DESIRED.max())).called("wanted", Role::Desired),
                ]),
            time_series("boot-time", "How long boots take", Unit::Time)
                .says("From the order of an instance to its runner, started cold or from a stop.")
                .draws(percentiles(c::BOOT_TIME, of)),
            time_series("boot-parts", "Where boots take their time", Unit::Time)
                .says(
                    "Half of the boots take less in each part. Told by the agent on each instance, of a \
                       runner that got its job.",
                )
                .draws([
                    of(half(c::BOOT_MACHINE_TIME)).called("machine", Role::Booting),
                    of(half(c::BOOT_CONFIG_TIME)).called("registration", Role::Waiting),
                    of(half(c::BOOT_CONNECT_TIME)).called("connection", Role::Running),
                ]),
            time_series("registrations", "Registrations at GitHub", Unit::Count)
                .says(
                    "Instances that wait for a runner of theirs, and attempts that failed. Empty \
                     where instances register by themselves.",
                )
                .draws([
                    of(line(c::REGISTRATIONS_WAITING.max())).called("waiting", Role::Waiting),
                    of(line(c::REGISTRATIONS_FAILED.sum())).called("failed", Role::Bad),
                ]),
            time_series("lost", "Instances lost", Unit::Count)
                .says("Boots that never brought a runner, and instances that were taken away.")
                .draws([
                    of(line(c::BOOTS_FAILED.sum())).called("boots failed", Role::Bad),
                    of(line(c::SPOT_INTERRUPTIONS.sum())).called("interruptions", Role::Odd),
                ]),
        ],
    }
}

fn scaler() -> Row {
    Row {
        title: "The scaler",
        widgets: vec![
            stacked("decisions", "Decisions, by reason", Unit::Count)
                .says("Decisions that changed something or had other reasons than the last.")
                .draws([of(line(c::SCALER_DECISIONS.sum()))
                    .each(Dimension::Reason)
                    .called("decisions", Role::Plain)]),
            time_series("failures", "What the scaler did not get", Unit::Count)
                .says("Questions and requests that the store or the group did not answer.")
                .draws([of(line(c::SCALER_FAILURES.sum())).called("failures", Role::Bad)]),
        ],
    }
}

fn quality() -> Row {
    Row {
        title: "What is not known",
        widgets: vec![
            time_series("unknown", "Waits that nobody knows", Unit::Count)
                .says("Jobs that started while a timestamp or an event of theirs was missing.")
                .draws([of(line(c::WAITS_UNKNOWN.sum().every(PERCENTILES_EVERY)))
                    .called("unknown waits", Role::Odd)]),
            stacked("expired", "Jobs given up", Unit::Count)
                .says("Jobs whose next event never came, by the phase they were in.")
                .draws([of(line(c::JOBS_EXPIRED.sum().every(PERCENTILES_EVERY)))
                    .each(Dimension::Status)
                    .called("given up", Role::Odd)]),
        ],
    }
}
