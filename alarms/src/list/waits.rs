//! Jobs wait for longer than anybody should.

use std::time::Duration;

use model::expr::Relation;
use model::{Expr, catalogue as c};

use super::{OLDEST_JOB_TOO_OLD, WAIT_SLO_BURN_FAST, WAIT_SLO_BURN_SLOW};
use super::{Words, alarm, compared, paging};
use crate::{Alarm, Condition, Scope, Severity};

/// What is promised about waits: so many per cent of all jobs start within `secs`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Objective {
    /// The bound of a bucket of `/metrics`, in seconds.
    pub secs: u64,
    /// More than 0 and less than 100.
    pub percent: f64,
}

impl Default for Objective {
    /// Twice a cold boot and some for the queue.
    fn default() -> Self {
        Objective { secs: 300, percent: 95.0 }
    }
}

/// Half an hour is long beyond any boot, and short enough that people still wait for their job.
const OLDEST_SECS_MAX: f64 = 1800.0;

/// Late jobs so many times more frequent than promised use up a month's allowance in three days.
const FAST: f64 = 10.0;

/// The same in ten days.
const SLOW: f64 = 3.0;

/// Of fewer jobs a share says little: one is 5 %.
const JOBS_MIN: f64 = 20.0;

pub fn all(objective: Objective) -> Vec<Alarm> {
    vec![oldest(), fast(objective), slow(objective)]
}

fn oldest() -> Alarm {
    let age = Expr::from(c::OLDEST_WAITING_AGE.max());
    let condition =
        compared(age, "s").over(Relation::Above, OLDEST_SECS_MAX).in_periods(3, 3).showing([
            ("oldest job waits", c::OLDEST_WAITING_AGE.max()),
            ("jobs waiting", c::JOBS_WAITING.average()),
            ("jobs running", c::JOBS_RUNNING.average()),
        ]);
    paging(
        OLDEST_JOB_TOO_OLD,
        condition,
        Words {
            title: "Oldest job too old",
            meaning: "A job has been waiting for a runner for so long that something is wrong, \
                      even if other jobs start.",
            causes: &[
                "no runner carries all labels that the job asks for",
                "the pool is too small for what is queued",
                "the job was cancelled at GitHub and the webhook that says so was lost",
            ],
            remedy: &[
                "open the pool on the page and look at the job that waits longest",
                "compare its labels with those of the pool's runners",
                "if other jobs of the pool start, ask GitHub whether the job is still queued",
            ],
        },
    )
}

/// The newest part of a window is a twelfth of it, as Google's workbook has it.
const PARTS: u32 = 12;

fn started() -> Expr {
    Expr::from(c::JOB_WAIT.samples()).fill(0.0)
}

/// The share of late jobs among those that started, in per cent.
fn share(objective: Objective) -> Expr {
    let within = Expr::from(c::JOB_WAIT.share_up_to(objective.secs)).fill(100.0);
    Expr::from(100.0) - within
}

/// The share of late jobs, in per cent; 0 while too few started to say.
fn late(objective: Objective) -> Expr {
    started().at_least(JOBS_MIN).choose(share(objective), 0.0)
}

/// The share of late jobs in a short time, in per cent. Where none starts, the trouble lasts as long
/// as any waits.
fn late_lately(objective: Objective) -> Expr {
    let waiting = Expr::from(c::JOBS_WAITING.max()).fill(0.0).above(0.0);
    started().at_least(1.0).choose(share(objective), waiting * 100.0)
}

/// How many per cent may be late at most. Beyond 100 there are none: with a low promise the bound
/// lies between what is promised and all.
fn bound(objective: Objective, times: f64) -> f64 {
    let allowed = 100.0 - objective.percent;
    (allowed * times).min(f64::midpoint(100.0, allowed))
}

fn burn(objective: Objective, times: f64, window: Duration) -> Condition {
    compared(late(objective), "%")
        .over(Relation::Above, bound(objective, times))
        .showing([
            ("jobs started", c::JOB_WAIT.samples()),
            ("95 % waited up to", c::JOB_WAIT.percentile(95)),
            ("started in time", c::JOB_WAIT.share_up_to(objective.secs)),
        ])
        .every(window)
        .also_lately(late_lately(objective), window / PARTS)
}

fn fast(objective: Objective) -> Alarm {
    paging(
        WAIT_SLO_BURN_FAST,
        burn(objective, FAST, Duration::from_hours(1)),
        Words {
            title: "Waits far beyond the objective",
            meaning: "In the last hour so many jobs waited longer than promised that a month's \
                      allowance would be gone in three days, and in the last five minutes it was \
                      no better.",
            causes: &[
                "the pool is at its maximum",
                "instances boot slowly or not at all",
                "a burst of jobs found no stopped instances",
            ],
            remedy: &[
                "look at the pool's capacity beside its jobs on the page",
                "raise runners_max if the pool is at it",
                "look at boot times and failures",
            ],
        },
    )
}

fn slow(objective: Objective) -> Alarm {
    alarm(
        WAIT_SLO_BURN_SLOW,
        (Severity::Ticket, Scope::Pool),
        burn(objective, SLOW, Duration::from_hours(6)),
        Words {
            title: "Waits beyond the objective",
            meaning: "In the last six hours more jobs waited longer than promised than a month \
                      can bear, and in the last half hour it was no better.",
            causes: &[
                "the pool is too small for its busy hours",
                "too few stopped instances are held",
                "boots have become slower",
            ],
            remedy: &[
                "see by `headroom simulate` which size would have done",
                "raise runners_max or the stopped pool",
            ],
        },
    )
}
