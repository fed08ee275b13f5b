//! News of jobs does not come, comes late, or cannot be used.

use std::time::Duration;

use model::expr::Relation;
use model::{Expr, catalogue as c};

use super::{DELIVERY_LAG, DUPLICATES_SURGE, JOBS_UNROUTED, Words, alarm, compared};
use crate::{Alarm, Scope, Severity};

/// A minute late is a decision a minute late, which a boot of two minutes still hides.
const LAG_MILLIS_MAX: f64 = 60_000.0;

/// Of fewer deliveries a percentile is one of them.
const DELIVERIES_MIN: f64 = 10.0;

/// GitHub repeats a few deliveries by itself; fifty in a quarter of an hour are somebody's doing.
const DUPLICATES_MIN: f64 = 50.0;

const FLEET_TICKET: (Severity, Scope) = (Severity::Ticket, Scope::Fleet);

const QUARTER: Duration = Duration::from_mins(15);

pub fn all() -> Vec<Alarm> {
    vec![lag(), duplicates(), unrouted()]
}

/// A counter that is told only when it counts.
fn counted(counter: model::Counter) -> Expr {
    Expr::from(counter.sum()).fill(0.0)
}

/// Job events that were taken.
fn taken() -> Expr {
    Expr::from(c::DELIVERY_LAG.samples()).fill(0.0)
}

fn lag() -> Alarm {
    let p90 = Expr::from(c::DELIVERY_LAG.percentile(90)).fill(0.0);
    let condition = compared(taken().at_least(DELIVERIES_MIN).choose(p90, 0.0), "ms")
        .over(Relation::Above, LAG_MILLIS_MAX)
        .in_periods(3, 5)
        .showing([
            ("90 % came within", c::DELIVERY_LAG.percentile(90)),
            ("job events", c::DELIVERY_LAG.samples()),
        ])
        .every(Duration::from_mins(5));
    alarm(
        DELIVERY_LAG,
        FLEET_TICKET,
        condition,
        Words {
            title: "News late",
            meaning: "News of jobs arrives more than a minute after it happened. Levels and \
                      decisions are late by as much.",
            causes: &[
                "GitHub delivers late: see its status page",
                "the webhook is answered slowly or was down, and GitHub delivers again",
                "this machine's clock is ahead",
            ],
            remedy: &[
                "look at GitHub's recent deliveries of the webhook and at githubstatus.com",
                "run `headroom doctor`: it checks the clock and the store",
            ],
        },
    )
}

fn duplicates() -> Alarm {
    let repeated = || counted(c::DELIVERIES_DUPLICATE);
    let share = repeated() * 100.0 / (repeated() + taken()).max(1.0);
    let condition = compared(repeated().at_least(DUPLICATES_MIN).choose(share, 0.0), "%")
        .over(Relation::Above, 50.0)
        .showing([
            ("repeated deliveries", c::DELIVERIES_DUPLICATE.sum()),
            ("job events", c::DELIVERY_LAG.samples()),
        ])
        .every(QUARTER);
    alarm(
        DUPLICATES_SURGE,
        (Severity::Info, Scope::Fleet),
        condition,
        Words {
            title: "Many repeated deliveries",
            meaning: "More than half of the deliveries repeat earlier ones. They change nothing, \
                      and somebody sends them for a reason.",
            causes: &[
                "two webhooks of the organisation and a repository point here",
                "a proxy or queue in front delivers again although it was answered",
                "somebody redelivers by hand or by script",
            ],
            remedy: &[
                "list the webhooks of the organisation and its repositories",
                "look at what the proxy in front makes of a 202",
            ],
        },
    )
}

fn unrouted() -> Alarm {
    let condition = compared(counted(c::JOBS_UNROUTED), "jobs")
        .showing([("jobs without pool", c::JOBS_UNROUTED.sum())])
        .every(QUARTER);
    alarm(
        JOBS_UNROUTED,
        FLEET_TICKET,
        condition,
        Words {
            title: "Jobs without pool",
            meaning: "Jobs ask for labels that no configured pool has. Nobody starts runners for \
                      them, and after a day GitHub fails them.",
            causes: &[
                "a typing mistake in `runs-on`",
                "a new kind of runner whose pool is not configured yet",
                "a job for GitHub's own runners with labels that look like yours",
            ],
            remedy: &[
                "read the labels in the log of `headroom serve`, or open the pool `unrouted` on \
                 the page",
                "add a pool with these labels, or correct the workflow",
            ],
        },
    )
}
