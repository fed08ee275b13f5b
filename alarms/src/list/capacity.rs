//! A pool does not have the runners that its jobs need.

use std::time::Duration;

use model::expr::Relation;
use model::{Expr, catalogue as c};

use super::{
    BOOT_FAILURES, BOOTS_OVERDUE, POOL_DOWN, POOL_EXHAUSTED, POOL_INCIDENT, QUEUE_WITHOUT_CAPACITY,
    REGISTRATIONS_FAILING, SPOT_INTERRUPTIONS, WARM_POOL_DEPLETED,
};
use super::{Words, alarm, compared, holds, paging};
use crate::{Alarm, Scope, Severity, Watch};

/// A pool without limit is below it: no group counts so many instances.
const NO_LIMIT: f64 = 1e9;

const POOL_TICKET: (Severity, Scope) = (Severity::Ticket, Scope::Pool);

pub fn all() -> Vec<Alarm> {
    vec![
        exhausted(),
        not_served(),
        down(),
        depleted(),
        overdue(),
        failures(),
        registrations(),
        interruptions(),
    ]
}

/// Jobs of the pool that wait.
fn waiting() -> Expr {
    c::JOBS_WAITING.average().into()
}

/// A level that is told only while it is above zero.
fn or_none(level: model::Level) -> Expr {
    Expr::from(level.average()).fill(0.0)
}

/// Jobs wait although no instance is free; those that boot beyond the limit were let in for them.
fn starved() -> Expr {
    waiting().above(0.0).and(or_none(c::RUNNERS_IDLE).equals(0.0))
}

fn exhausted() -> Alarm {
    // In a dry run only the busy ones are known.
    let members = || or_none(c::RUNNERS_MEMBERS).max(or_none(c::RUNNERS_BUSY));
    let most = || Expr::from(c::RUNNERS_MAX.average());
    let none_boots = or_none(c::RUNNERS_BOOTING).equals(0.0);
    let is_full = members().at_least(most()).and(none_boots);
    let condition =
        holds(starved().and(is_full.or(members().above(most())))).in_periods(2, 3).showing([
            ("jobs waiting", c::JOBS_WAITING.average()),
            ("oldest job waits", c::OLDEST_WAITING_AGE.max()),
            ("runners busy", c::RUNNERS_BUSY.average()),
            ("instances", c::RUNNERS_MEMBERS.average()),
            ("runners_max", c::RUNNERS_MAX.average()),
        ]);
    paging(
        POOL_EXHAUSTED,
        condition,
        Words {
            title: "Pool exhausted",
            meaning: "Jobs wait, no runner idles or boots, and the pool is at runners_max: jobs \
                      start only when others end.",
            causes: &[
                "more jobs than the pool was sized for: a burst, or a wide matrix",
                "jobs run longer than usual, or hang",
                "instances that are over or overdue still count as members",
            ],
            remedy: &[
                "raise runners_max, or set runners_max_exhausted so that the scaler does it while \
                 this lasts",
                "look for one repository or workflow that holds most runners, and cancel what hangs",
            ],
        },
    )
}

fn not_served() -> Alarm {
    let below = Expr::from(c::RUNNERS_MEMBERS.average())
        .below(Expr::from(c::RUNNERS_MAX.average()).fill(NO_LIMIT));
    let none_boots = or_none(c::RUNNERS_BOOTING).equals(0.0);
    let condition = holds(starved().and(none_boots).and(below)).in_periods(3, 3).showing([
        ("jobs waiting", c::JOBS_WAITING.average()),
        ("instances", c::RUNNERS_MEMBERS.average()),
        ("runners_max", c::RUNNERS_MAX.average()),
        ("capacity asked for", c::RUNNERS_DESIRED.average()),
        ("refused or unanswered", c::SCALER_FAILURES.sum()),
    ]);
    paging(
        QUEUE_WITHOUT_CAPACITY,
        condition,
        Words {
            title: "Queue without capacity",
            meaning: "Jobs wait, no runner idles or boots, and more instances would be allowed: \
                      the scaler does not order them, or its orders come to nothing.",
            causes: &[
                "the group refuses: quota, permission, or no such instances to be had",
                "the scaler cannot read the jobs and holds",
                "somebody lowered the group's own maximum below runners_max",
            ],
            remedy: &[
                "read the last decision about the pool: it says what was asked for and why",
                "read the group's activity: it says why an order came to nothing",
                "set the group's capacity by hand until then",
            ],
        },
    )
}

fn down() -> Alarm {
    let none_runs = Expr::from(c::JOBS_RUNNING.average()).equals(0.0);
    let none_idles = or_none(c::RUNNERS_IDLE).equals(0.0);
    let condition =
        holds(waiting().above(0.0).and(none_runs).and(none_idles)).in_periods(10, 10).showing([
            ("jobs waiting", c::JOBS_WAITING.average()),
            ("oldest job waits", c::OLDEST_WAITING_AGE.max()),
            ("runners booting", c::RUNNERS_BOOTING.average()),
        ]);
    paging(
        POOL_DOWN,
        condition,
        Words {
            title: "Pool down",
            meaning: "Jobs wait and for ten minutes no runner of the pool has been busy or idle: \
                      longer than any boot takes.",
            causes: &[
                "instances start and their runners never register",
                "the group cannot launch: no capacity, quota or permission",
                "runners went offline, or lost their credentials at GitHub",
                "the pool's labels changed and its runners' did not",
            ],
            remedy: &[
                "look at GitHub's list of runners: is any of the pool online?",
                "look at the group's activity and the newest instance's log",
                "start one runner by hand; if it takes a job, the launch is at fault",
            ],
        },
    )
}

fn overdue() -> Alarm {
    let condition = compared(or_none(c::RUNNERS_OVERDUE), "instances").in_periods(3, 5).showing([
        ("instances overdue", c::RUNNERS_OVERDUE.average()),
        ("runners booting", c::RUNNERS_BOOTING.average()),
    ]);
    alarm(
        BOOTS_OVERDUE,
        POOL_TICKET,
        condition,
        Words {
            title: "Boots overdue",
            meaning: "Instances have not become runners within their deadline. Each is replaced, \
                      and the job that it was started for waits for another boot.",
            causes: &[
                "the start-up script fails or waits for something",
                "registration at GitHub fails: token, rate limit or network",
                "registration_deadline_secs is shorter than boots take",
            ],
            remedy: &[
                "read the console log of an overdue instance before it is replaced",
                "compare its boot time with registration_deadline_secs",
            ],
        },
    )
}

fn depleted() -> Alarm {
    let wanted = or_none(c::RUNNERS_STOPPED_DESIRED).above(0.0);
    let none = or_none(c::RUNNERS_STOPPED).equals(0.0);
    let condition = holds(wanted.and(none)).in_periods(10, 15).showing([
        ("stopped instances ready", c::RUNNERS_STOPPED.average()),
        ("stopped instances wanted", c::RUNNERS_STOPPED_DESIRED.average()),
        ("jobs waiting", c::JOBS_WAITING.average()),
    ]);
    alarm(
        WARM_POOL_DEPLETED,
        POOL_TICKET,
        condition,
        Words {
            title: "Warm pool depleted",
            meaning: "Stopped instances are wanted and for most of a quarter of an hour none was \
                      ready: jobs wait for a cold boot instead of a warm start.",
            causes: &[
                "jobs come faster than stopped instances are prepared",
                "preparation fails: instances never reach the stopped state",
                "the warm pool's own maximum is smaller than what the scaler wants",
            ],
            remedy: &[
                "compare the arrivals with the stopped pool on the page",
                "if none is being prepared, read the group's activity",
                "hold more: raise `stopped`, or the seconds that a wait is worth",
            ],
        },
    )
}

fn failures() -> Alarm {
    let failed = Expr::from(c::BOOTS_FAILED.sum()).fill(0.0);
    let condition = compared(failed, "boots")
        .over(Relation::Above, 2.0)
        .showing([
            ("boots failed", c::BOOTS_FAILED.sum()),
            ("boots that succeeded", c::BOOT_TIME.samples()),
            ("95 % of these took up to", c::BOOT_TIME.percentile(95)),
        ])
        .every(Duration::from_mins(15));
    alarm(
        BOOT_FAILURES,
        POOL_TICKET,
        condition,
        Words {
            title: "Boots fail",
            meaning: "Within a quarter of an hour several instances never became runners: they \
                      passed their deadline, or were gone while they booted.",
            causes: &[
                "a new image or start-up script is broken",
                "registration at GitHub fails",
                "instances are ended by the group: health check, Spot, no subnet addresses",
            ],
            remedy: &[
                "read the console log of the newest instance that failed",
                "go back to the last image that worked",
            ],
        },
    )
}

fn registrations() -> Alarm {
    let failed = Expr::from(c::REGISTRATIONS_FAILED.sum()).fill(0.0);
    let condition = compared(failed, "attempts")
        .over(Relation::Above, 2.0)
        .showing([
            ("attempts failed", c::REGISTRATIONS_FAILED.sum()),
            ("instances waiting for it", c::REGISTRATIONS_WAITING.max()),
            ("boots that succeeded", c::BOOT_TIME.samples()),
        ])
        .every(Duration::from_mins(15));
    alarm(
        REGISTRATIONS_FAILING,
        POOL_TICKET,
        condition,
        Words {
            title: "Registrations fail",
            meaning: "Within a quarter of an hour several attempts to register a runner failed. \
                      Its instance waits at the launch hook in vain, and is replaced.",
            causes: &[
                "the App's key was exchanged, or the App may no longer administer runners",
                "GitHub's rate limit is used up, or GitHub has an incident",
                "the pool's runner group was renamed or deleted",
                "Parameter Store takes no more writes, or the function may not write there",
            ],
            remedy: &[
                "read the log of the lifecycle function: it says what GitHub or AWS answered",
                "run `headroom doctor`: it checks the App, the runner groups and the limit",
            ],
        },
    )
}

fn interruptions() -> Alarm {
    let taken = Expr::from(c::SPOT_INTERRUPTIONS.sum()).fill(0.0);
    let condition = compared(taken, "instances")
        .over(Relation::Above, 4.0)
        .showing([
            ("instances taken away", c::SPOT_INTERRUPTIONS.sum()),
            ("jobs running", c::JOBS_RUNNING.average()),
        ])
        .every(Duration::from_hours(1));
    alarm(
        SPOT_INTERRUPTIONS,
        (Severity::Info, Scope::Pool),
        condition,
        Words {
            title: "Spot interruptions",
            meaning: "Five or more instances were taken away within an hour. The jobs that they \
                      had fail and have to be run again.",
            causes: &["the provider needs the capacity of this instance type or zone"],
            remedy: &[
                "spread the pool over more instance types and zones",
                "send long jobs to a pool of On-Demand instances",
            ],
        },
    )
}

/// The alarm over `parts`.
pub fn incident(parts: Vec<&'static str>) -> Alarm {
    Alarm {
        name: POOL_INCIDENT,
        title: "Pool in trouble",
        severity: Severity::Page,
        scope: Scope::Pool,
        watch: Watch::AnyOf(parts),
        part_of: None,
        meaning: "Jobs of the pool wait and will go on waiting until somebody acts. One or more \
                  of its parts fire; together they page once.",
        causes: &["see the parts that fire"],
        remedy: &["follow the runbook of the part that fired first"],
    }
}
