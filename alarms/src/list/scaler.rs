//! The scaler does not do its work.

use model::expr::Relation;
use model::{Expr, catalogue as c};

use super::{SCALER_SILENCE, Words, alarm, compared};
use crate::{Alarm, Missing, Scope, Severity};

pub fn all() -> Vec<Alarm> {
    vec![silence()]
}

/// Where nothing at all is known, nothing runs: that breaches as well.
fn silence() -> Alarm {
    let jobs = Expr::from(c::JOBS_WAITING.average()) + c::JOBS_RUNNING.average();
    let looks = Expr::from(c::SCALER_TICKS.sum()).fill(0.0);
    let condition = compared(jobs.above(0.0).choose(looks, 1.0), "looks")
        .over(Relation::Below, 1.0)
        .in_periods(5, 5)
        .where_missing(Missing::Breaching)
        .showing([
            ("looks of the scaler", c::SCALER_TICKS.sum()),
            ("jobs waiting", c::JOBS_WAITING.average()),
        ]);
    alarm(
        SCALER_SILENCE,
        (Severity::Page, Scope::Fleet),
        condition,
        Words {
            title: "Scaler silent",
            meaning: "There are jobs and the scaler has not looked at any pool for five minutes: \
                      capacity stays as it is.",
            causes: &[
                "the process or function that scales has stopped",
                "it cannot read the jobs or reach its groups and hangs",
                "its metrics do not arrive",
            ],
            remedy: &[
                "look whether `headroom serve` runs and answers `/readyz`",
                "run `headroom doctor`",
                "until it works, set the group's capacity by hand",
            ],
        },
    )
}
