//! Target tracking of an Auto Scaling group on the backlog per instance, queued jobs over desired
//! capacity: the alarm above the target needs three minutes, the one below it fifteen. The group
//! replaces an instance that ended.
//!
//! Known: the numbers of minutes, that the lower alarm stands at 0.9 of the target, and that it
//! shrinks carefully. Unknown: the steps in which the service shrinks; here a tenth of the group, one
//! instance at least, and then the minutes are counted anew. Idle instances go at once, busy ones are
//! not replaced when their job is over, as with scale-in protection.
//! Both, and the metric itself, were chosen among variants to fit figures known from two traces, so
//! that agreement there is no evidence for them.

use std::time::Duration;

use super::{Cadence, Replacement, Scaler, idle, unexplained};
use crate::sim::Setting;
use crate::{Plan, Snapshot, State};

const PERIOD: Duration = Duration::from_mins(1);

const MINUTES_HIGH: u32 = 3;

const MINUTES_LOW: u32 = 15;

/// The lower alarm stands so far below the target.
const LOW: f64 = 0.9;

/// The part of the group by which it shrinks.
const STEP: f64 = 0.1;

const INSTANCES_MIN: u32 = 1;

pub struct Tracking {
    target: f64,
    minutes_high: u32,
    minutes_low: u32,
}

impl Tracking {
    pub fn new(target: f64) -> Self {
        Tracking { target, minutes_high: 0, minutes_low: 0 }
    }
}

impl Scaler for Tracking {
    fn cadence(&self, _setting: &Setting) -> Cadence {
        Cadence {
            sees_after: Duration::ZERO,
            on_event: false,
            every: Some(PERIOD),
            replacement: Replacement::AtOnce,
        }
    }

    fn decide(&mut self, seen: &mut Snapshot) -> Plan {
        let queued = f64::from(seen.backlog.queued);
        let instances = seen.fleet.desired.max(INSTANCES_MIN);
        self.count(queued / f64::from(instances), instances);
        let next = (self.minutes_high + self.minutes_low > 0).then(|| seen.now.plus(PERIOD));
        let wanted = if self.minutes_high >= MINUTES_HIGH {
            ceil(queued / self.target).max(instances)
        } else if self.minutes_low >= MINUTES_LOW {
            ceil(f64::from(instances) * (1.0 - STEP)).clamp(INSTANCES_MIN, instances - 1)
        } else {
            return unexplained(instances, next);
        };
        (self.minutes_high, self.minutes_low) = (0, 0);
        let surplus = seen.fleet.desired.saturating_sub(wanted);
        let keep = idle::count(seen, State::Idle).saturating_sub(surplus);
        let (remove, _) = idle::beyond(seen, keep, Duration::ZERO);
        Plan { remove, ..unexplained(wanted, next) }
    }
}

impl Tracking {
    fn count(&mut self, load: f64, instances: u32) {
        self.minutes_high = if load > self.target { self.minutes_high + 1 } else { 0 };
        let is_low = load < LOW * self.target && instances > INSTANCES_MIN;
        self.minutes_low = if is_low { self.minutes_low + 1 } else { 0 };
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn ceil(instances: f64) -> u32 {
    instances.ceil() as u32
}
