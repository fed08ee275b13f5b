//! The whole fleet at a glance: is anybody waiting, and where?

use std::time::Duration;

use model::{Dimension, Phase, catalogue as c};

use super::{Board, Line, Role, Row, Unit, Variable, Widget, line};
use super::{alarms, figure, stacked, table, time_series};

/// Waits are rare events in a small fleet: a percentile of one minute says nothing.
pub(super) const PERCENTILES_EVERY: Duration = Duration::from_mins(5);

pub(super) fn board() -> Board {
    Board {
        name: "fleet",
        title: "Fleet",
        description: "All pools at a glance: is anybody waiting, where, and since when?",
        variables: vec![Variable::Repository],
        rows: vec![now(), pools(), over_time(), by_pool(), of_alarms(), one_repository()],
    }
}

fn now() -> Row {
    Row {
        title: "Now",
        widgets: vec![
            figure("waiting", "Waiting now", Unit::Count)
                .says("Jobs that ask for a runner now.")
                .draws([line(c::JOBS_WAITING.max()).called("waiting", Role::Waiting)]),
            figure("oldest", "Oldest wait", Unit::Time)
                .says("How long the job that waits longest has waited; 0 when none waits.")
                .draws([line(c::OLDEST_WAITING_AGE.max()).called("oldest", Role::Waiting)]),
            figure("running", "Running now", Unit::Count)
                .says("Jobs that have a runner now.")
                .draws([line(c::JOBS_RUNNING.max()).called("running", Role::Running)]),
            figure("typical", "Median wait", Unit::Time)
                .says("Half of the jobs that started in the time shown waited at most this long.")
                .draws([line(c::JOB_WAIT.percentile(50)).called("p50", Role::Typical)]),
            figure("high", "95th percentile of waits", Unit::Time)
                .says("95 of 100 jobs that started in the time shown waited at most this long.")
                .draws([line(c::JOB_WAIT.percentile(95)).called("p95", Role::High)]),
            figure("arrivals", "Jobs queued", Unit::Count)
                .says("Jobs that were queued in the time shown.")
                .draws([events(Phase::Queued).called("queued", Role::Waiting)]),
        ],
    }
}

fn pools() -> Row {
    let each = |line: Line| line.each(Dimension::Pool);
    Row {
        title: "Pools",
        widgets: vec![
            table("pools", "All pools")
                .says(
                    "Levels as they are now; waits and arrivals over the time shown. Columns about \
                     runners are filled where the scaler looks after the pool.",
                )
                .draws([
                    each(line(c::JOBS_WAITING.max())).called("waiting", Role::Waiting),
                    each(line(c::OLDEST_WAITING_AGE.max())).called("oldest wait", Role::Waiting),
                    each(line(c::JOBS_RUNNING.max())).called("running", Role::Running),
                    each(line(c::JOB_WAIT.percentile(50))).called("p50 wait", Role::Typical),
                    each(line(c::JOB_WAIT.percentile(95))).called("p95 wait", Role::High),
                    each(events(Phase::Queued)).called("queued", Role::Plain),
                    each(line(c::RUNNERS_DESIRED.max())).called("desired", Role::Desired),
                    each(line(c::RUNNERS_BUSY.max())).called("busy", Role::Running),
                    each(line(c::RUNNERS_IDLE.max())).called("idle", Role::Idle),
                    each(line(c::RUNNERS_BOOTING.max())).called("booting", Role::Booting),
                    each(line(c::RUNNERS_STOPPED.max())).called("stopped", Role::Stopped),
                ]),
        ],
    }
}

fn over_time() -> Row {
    Row {
        title: "The fleet over time",
        widgets: vec![
            stacked("demand", "Jobs running and waiting", Unit::Count)
                .says("On average in each period. Where running stays flat below waiting, pools are full.")
                .draws([
                    line(c::JOBS_RUNNING.average()).called("running", Role::Running),
                    line(c::JOBS_WAITING.average()).called("waiting", Role::Waiting),
                ]),
            waits(|line| line),
            flow(|line| line),
            time_series("durations", "Job durations", Unit::Time)
                .says("Time with a runner, of the jobs that ended in each period.")
                .draws(percentiles(c::JOB_DURATION, |line| line)),
        ],
    }
}

fn by_pool() -> Row {
    let each = |line: Line| line.each(Dimension::Pool);
    Row {
        title: "Pool by pool",
        widgets: vec![
            stacked("waiting-by-pool", "Jobs waiting, by pool", Unit::Count)
                .says("The most that waited in each period.")
                .draws([each(line(c::JOBS_WAITING.max())).called("waiting", Role::Plain)]),
            time_series("oldest-by-pool", "Oldest wait, by pool", Unit::Time)
                .says("A curve that climbs minute by minute is a job that nobody serves.")
                .draws([each(line(c::OLDEST_WAITING_AGE.max())).called("oldest", Role::Plain)]),
            time_series("high-by-pool", "95th percentile of waits, by pool", Unit::Time)
                .says("Of the jobs that started in each period.")
                .draws([each(line(c::JOB_WAIT.percentile(95).every(PERCENTILES_EVERY)))
                    .called("p95", Role::Plain)]),
            stacked("running-by-pool", "Jobs running, by pool", Unit::Count)
                .says("The most that ran in each period.")
                .draws([each(line(c::JOBS_RUNNING.max())).called("running", Role::Plain)]),
        ],
    }
}

fn of_alarms() -> Row {
    Row {
        title: "Alarms",
        widgets: vec![
            alarms("alarms", "Alarms of all pools").says("The state of every alarm of Headroom."),
        ],
    }
}

fn one_repository() -> Row {
    let chosen = |line: Line| line.chosen(Dimension::Repository);
    Row {
        title: "One repository",
        widgets: vec![
            flow(chosen).named("repository-flow", "Jobs of the repository").wide(8),
            waits(chosen).named("repository-waits", "Waits of the repository").wide(8),
            time_series("repository-durations", "Durations of the repository", Unit::Time)
                .says("Time with a runner, of the jobs that ended in each period.")
                .draws(percentiles(c::JOB_DURATION, chosen))
                .wide(8),
        ],
    }
}

/// Jobs that reached a phase.
pub(super) fn events(phase: Phase) -> Line {
    line(c::JOB_EVENTS.sum().of(Dimension::Status, phase.as_str()))
}

/// Arrivals, starts and completions of what `of` makes of a line of the fleet.
pub(super) fn flow(of: impl Fn(Line) -> Line) -> Widget {
    time_series("flow", "Jobs queued, started and completed", Unit::Count)
        .says("Jobs in each period. Queued above started for long is a queue that grows.")
        .draws([
            of(events(Phase::Queued)).called("queued", Role::Waiting),
            of(events(Phase::InProgress)).called("started", Role::Running),
            of(events(Phase::Completed)).called("completed", Role::Good),
        ])
}

/// Percentiles of the waits of what `of` makes of a line of the fleet.
pub(super) fn waits(of: impl Fn(Line) -> Line) -> Widget {
    time_series("waits", "How long jobs waited", Unit::Time)
        .says("Waits of the jobs that started in each period; jobs that still wait are not in it.")
        .draws(percentiles(c::JOB_WAIT, of))
}

/// Median, 95th and 99th percentile of a timing.
pub(super) fn percentiles(timing: model::Timing, of: impl Fn(Line) -> Line) -> [Line; 3] {
    let at = |percent| of(line(timing.percentile(percent).every(PERCENTILES_EVERY)));
    [
        at(50).called("p50", Role::Typical),
        at(95).called("p95", Role::High),
        at(99).called("p99", Role::Extreme),
    ]
}

impl Widget {
    pub(super) fn named(mut self, id: &'static str, title: &'static str) -> Self {
        self.id = id;
        self.title = title;
        self
    }
}
