//! What it costs: hours of runners by what they went into, by pool and by repository.

use model::{Dimension, Level, Phase, catalogue as c};

use super::fleet::events;
use super::{Board, Line, Role, Row, Unit, line};
use super::{figure, stacked, table, time_series};

pub(super) fn board() -> Board {
    Board {
        name: "cost",
        title: "Cost",
        description: "Hours of runners: what went into jobs, what into waiting for jobs and booting?",
        variables: Vec::new(),
        rows: vec![totals(), over_time(), pools(), repositories()],
    }
}

/// Hours that all pools together spent in a state.
fn hours(level: Level) -> Line {
    line(level.average()).total(Dimension::Pool).in_hours()
}

/// Hours that each pool spent in a state.
fn hours_by_pool(level: Level) -> Line {
    line(level.average()).each(Dimension::Pool).in_hours()
}

fn totals() -> Row {
    Row {
        title: "In the time shown",
        widgets: vec![
            figure("job-hours", "Hours of jobs", Unit::Hours)
                .says("Time with a runner of all jobs that ended in the time shown.")
                .draws([line(c::JOB_DURATION.sum()).in_hours().called("jobs", Role::Running)]),
            figure("busy-hours", "Busy hours", Unit::Hours)
                .says("Hours of runners that had a job.")
                .draws([hours(c::RUNNERS_BUSY).called("busy", Role::Running)]),
            figure("idle-hours", "Idle hours", Unit::Hours)
                .says("Hours of runners that waited for a job: the price of short waits.")
                .draws([hours(c::RUNNERS_IDLE).called("idle", Role::Idle)]),
            figure("boot-hours", "Boot hours", Unit::Hours)
                .says("Hours of instances that booted: paid for, and nobody served.")
                .draws([hours(c::RUNNERS_BOOTING).called("booting", Role::Booting)]),
            figure("overdue-hours", "Overdue hours", Unit::Hours)
                .says("Hours of instances that never brought a runner.")
                .draws([hours(c::RUNNERS_OVERDUE).called("overdue", Role::Bad)]),
            figure("stopped-hours", "Stopped hours", Unit::Hours)
                .says("Hours of stopped instances: their disks are paid for, no more.")
                .draws([hours(c::RUNNERS_STOPPED).called("stopped", Role::Stopped)]),
        ],
    }
}

fn over_time() -> Row {
    Row {
        title: "Over time",
        widgets: vec![
            stacked("hours", "Runner hours by what they went into", Unit::Hours)
                .says(
                    "Hours of all pools in each period. All but busy is waste, some of it wanted.",
                )
                .draws([
                    hours(c::RUNNERS_BUSY).called("busy", Role::Running),
                    hours(c::RUNNERS_IDLE).called("idle", Role::Idle),
                    hours(c::RUNNERS_BOOTING).called("booting", Role::Booting),
                    hours(c::RUNNERS_OVERDUE).called("overdue", Role::Bad),
                ]),
            stacked("job-hours-by-pool", "Hours of jobs, by pool", Unit::Hours)
                .says(
                    "Time with a runner, of the jobs that ended in each period; no scaler needed.",
                )
                .draws([line(c::JOB_DURATION.sum())
                    .each(Dimension::Pool)
                    .in_hours()
                    .called("jobs", Role::Plain)]),
            stacked("idle-by-pool", "Idle hours, by pool", Unit::Hours)
                .says("A pool that idles at night has a hot spare that the schedule could end.")
                .draws([hours_by_pool(c::RUNNERS_IDLE).called("idle", Role::Plain)]),
            stacked("boot-by-pool", "Boot hours, by pool", Unit::Hours)
                .says("Grows with launches and with slow images; a pre-baked image shortens it.")
                .draws([hours_by_pool(c::RUNNERS_BOOTING).called("booting", Role::Plain)]),
        ],
    }
}

fn pools() -> Row {
    let jobs = line(c::JOB_DURATION.sum()).each(Dimension::Pool).in_hours();
    Row {
        title: "Pools",
        widgets: vec![
            table("pools", "Hours by pool")
                .says(
                    "Over the time shown. Columns about runners are filled where pools are scaled.",
                )
                .draws([
                    events(Phase::Completed).each(Dimension::Pool).called("jobs", Role::Good),
                    jobs.called("hours of jobs", Role::Running),
                    hours_by_pool(c::RUNNERS_BUSY).called("busy", Role::Running),
                    hours_by_pool(c::RUNNERS_IDLE).called("idle", Role::Idle),
                    hours_by_pool(c::RUNNERS_BOOTING).called("booting", Role::Booting),
                    hours_by_pool(c::RUNNERS_OVERDUE).called("overdue", Role::Bad),
                    hours_by_pool(c::RUNNERS_STOPPED).called("stopped", Role::Stopped),
                ]),
        ],
    }
}

fn repositories() -> Row {
    let each = |line: Line| line.each(Dimension::Repository);
    Row {
        title: "Repositories",
        widgets: vec![
            table("repositories", "Hours by repository")
                .wide(12)
                .says("Over the time shown.")
                .draws([
                    each(events(Phase::Completed)).called("jobs", Role::Good),
                    each(line(c::JOB_DURATION.sum())).in_hours().called("hours", Role::Running),
                    each(line(c::JOB_WAIT.percentile(95))).called("p95 wait", Role::High),
                ]),
            stacked("hours-by-repository", "Hours of jobs, by repository", Unit::Hours)
                .says("Time with a runner, of the jobs that ended in each period.")
                .draws([each(line(c::JOB_DURATION.sum())).in_hours().called("jobs", Role::Plain)]),
            time_series("ends-by-repository", "How jobs ended, by repository", Unit::Count)
                .says("Jobs that were over in each period.")
                .wide(24)
                .draws([each(line(c::JOB_CONCLUSIONS.sum()))
                    .each(Dimension::Conclusion)
                    .called("ended", Role::Plain)]),
        ],
    }
}
