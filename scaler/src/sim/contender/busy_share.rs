//! By the share of busy runners: the `PercentageRunnersBusy` metric of actions-runner-controller's
//! older mode. Each minute: at 0.8 or more the fleet grows by 1.3, below 0.3 it shrinks by 0.7. It
//! never looks at the queue. Its controller replaces each runner that ends.
//!
//! Known: thresholds and factors of its documentation's example, no shrinking for ten minutes after
//! growth. Unknown: limits; here one runner at least and no maximum.

use std::time::Duration;

use model::Timestamp;

use super::{Cadence, Replacement, Scaler, idle, unexplained};
use crate::sim::Setting;
use crate::{Plan, Snapshot, State};

const PERIOD: Duration = Duration::from_mins(1);

const RUNNERS_MIN: u32 = 1;

/// Its default delay of shrinking after growth.
const SHRINKS_AFTER: Duration = Duration::from_mins(10);

#[derive(Default)]
pub struct BusyShare {
    grown_at: Option<Timestamp>,
}

impl Scaler for BusyShare {
    fn cadence(&self, _setting: &Setting) -> Cadence {
        Cadence {
            sees_after: Duration::ZERO,
            on_event: false,
            every: Some(PERIOD),
            replacement: Replacement::AtOnce,
        }
    }

    fn decide(&mut self, seen: &mut Snapshot) -> Plan {
        let runners = seen.fleet.desired.max(RUNNERS_MIN);
        let share = f64::from(seen.backlog.running) / f64::from(runners);
        let may_shrink = self.grown_at.is_none_or(|at| at.plus(SHRINKS_AFTER) <= seen.now);
        let wanted = match share {
            0.8.. => scaled(runners, 1.3),
            ..0.3 if may_shrink => scaled(runners, 0.7).min(runners.saturating_sub(1)),
            _ => runners,
        }
        .max(RUNNERS_MIN);
        if wanted > seen.fleet.desired {
            self.grown_at = Some(seen.now);
        }
        let idle = idle::count(seen, State::Idle);
        let surplus = seen.fleet.desired.saturating_sub(wanted);
        let (remove, _) = idle::beyond(seen, idle.saturating_sub(surplus), Duration::ZERO);
        let rests = wanted == seen.fleet.desired && share < 0.3 && wanted == RUNNERS_MIN;
        let next = (!rests).then(|| seen.now.plus(PERIOD));
        Plan { remove, ..unexplained(wanted, next) }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of runners")]
fn scaled(runners: u32, factor: f64) -> u32 {
    (f64::from(runners) * factor).ceil() as u32
}
