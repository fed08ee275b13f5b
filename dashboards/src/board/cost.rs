//! What it costs: hours of runners by what they went into, by pool and by repository.

use model::{Dimension, Level, Phase, catalogue as c};

use super::fleet::events;
use super::{Board, Line, Role, Row, Unit, line, share};
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

/// What runners that are paid for do.
const PAID: [Level; 4] = [c::RUNNERS_BUSY, c::RUNNERS_IDLE, c::RUNNERS_BOOTING, c::RUNNERS_OVERDUE];

/// Busy, idle and booting runners as shares of all that are paid for, of what `of` makes of a line.
/// Together they are 100 %.
pub(super) fn shares(of: impl Fn(Line) -> Line) -> [Line; 3] {
    [
        of(share(&[c::RUNNERS_BUSY], &PAID)).called("busy", Role::Running),
        of(share(&[c::RUNNERS_IDLE], &PAID)).called("idle", Role::Idle),
        of(share(&[c::RUNNERS_BOOTING, c::RUNNERS_OVERDUE], &PAID))
            .called("booting", Role::Booting),
    ]
}

fn totals() -> Row {
    let [busy, idle, booting] = shares(|line| line.total(Dimension::Pool));
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
            figure("utilisation", "Utilisation", Unit::Percent)
                .wide(8)
                .says("Of the hours that runners were paid for, those in which they had a job.")
                .draws([busy]),
            figure("idle-waste", "Idle waste", Unit::Percent)
                .wide(8)
                .says("Of the hours that runners were paid for, those spent waiting for a job.")
                .draws([idle]),
            figure("boot-waste", "Boot waste", Unit::Percent)
                .wide(8)
                .says(
                    "Of the hours that runners were paid for, those spent booting, in vain or not.",
                )
                .draws([booting]),
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
            stacked("shares", "What runner hours went into", Unit::Percent)
                .says("Of what is paid for in each period: the lowest area is the utilisation.")
                .draws(shares(|line| line.total(Dimension::Pool))),
            stacked("job-hours-by-pool", "Hours of jobs, by pool", Unit::Hours)
                .wide(8)
                .says(
                    "Time with a runner, of the jobs that ended in each period; no scaler needed.",
                )
                .draws([line(c::JOB_DURATION.sum())
                    .each(Dimension::Pool)
                    .in_hours()
                    .called("jobs", Role::Plain)]),
            stacked("idle-by-pool", "Idle hours, by pool", Unit::Hours)
                .wide(8)
                .says("A pool that idles at night has a hot spare that the schedule could end.")
                .draws([hours_by_pool(c::RUNNERS_IDLE).called("idle", Role::Plain)]),
            stacked("boot-by-pool", "Boot hours, by pool", Unit::Hours)
                .wide(8)
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
