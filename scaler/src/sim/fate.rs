//! What is going to befall one job before it has a runner.

use std::time::Duration;

use model::Timestamp;

use super::faults::{CANCELLED_WITHIN, LATE_MAX, RECONCILED_AFTER};
use super::{Chance, Faults};

/// Drawn when the job is queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fate {
    /// The scaler learns of it.
    pub seen_at: Timestamp,
    /// It is told again.
    pub repeated_at: Option<Timestamp>,
    /// Somebody cancels it, if it still waits.
    pub cancelled_at: Option<Timestamp>,
}

impl Fate {
    /// Of a job that the scaler sees after `sees_after` if nothing goes wrong.
    pub fn of(
        queued_at: Timestamp,
        sees_after: Duration,
        faults: &Faults,
        chance: &mut Chance,
    ) -> Fate {
        let usual = queued_at.plus(sees_after);
        let is_lost = chance.happens(faults.lost);
        let late = maybe(faults.reordered, LATE_MAX, chance);
        let seen_at = match is_lost {
            true => queued_at.plus(RECONCILED_AFTER),
            false => usual.plus(late.unwrap_or_default()),
        };
        Fate {
            seen_at,
            repeated_at: maybe(faults.duplicated, LATE_MAX, chance).map(|late| seen_at.plus(late)),
            cancelled_at: maybe(faults.cancelled, CANCELLED_WITHIN, chance)
                .map(|after| queued_at.plus(after)),
        }
    }
}

fn maybe(probability: f64, longest: Duration, chance: &mut Chance) -> Option<Duration> {
    chance.happens(probability).then(|| chance.up_to(longest))
}
