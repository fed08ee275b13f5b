//! A pool does not have the runners that its jobs need.

use model::{Expr, catalogue as c};

use super::{BOOTS_OVERDUE, POOL_DOWN, POOL_INCIDENT};
use super::{Words, alarm, compared, holds, paging};
use crate::{Alarm, Scope, Severity, Watch};

pub fn all() -> Vec<Alarm> {
    vec![down(), overdue()]
}

/// Jobs of the pool that wait.
fn waiting() -> Expr {
    c::JOBS_WAITING.average().into()
}

/// A level that is told only while it is above zero.
fn or_none(level: model::Level) -> Expr {
    Expr::from(level.average()).fill(0.0)
}

fn down() -> Alarm {
    let none_runs = or_none(c::JOBS_RUNNING).equals(0.0);
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
        (Severity::Ticket, Scope::Pool),
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
