//! Target tracking of an Auto Scaling group on jobs per instance: the alarm above the target needs
//! three minutes, the one below it fifteen. The group replaces an instance that ended.
//!
//! Known: the numbers of minutes, and that the lower alarm stands at 0.9 of the target. Unknown:
//! what the service computes besides. Here jobs are those queued and running, and capacity becomes
//! jobs over target; shrinking takes idle instances only, as scale-in protection would.

use std::time::Duration;

use super::{Cadence, Replacement, Scaler, idle, unexplained};
use crate::sim::Setting;
use crate::{Plan, Snapshot, State};

const PERIOD: Duration = Duration::from_mins(1);

const MINUTES_HIGH: u32 = 3;

const MINUTES_LOW: u32 = 15;

/// The lower alarm stands so far below the target.
const LOW: f64 = 0.9;

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
        let jobs = f64::from(seen.backlog.queued + seen.backlog.running);
        let instances = seen.fleet.desired.max(INSTANCES_MIN);
        let load = jobs / f64::from(instances);
        self.minutes_high = if load > self.target { self.minutes_high + 1 } else { 0 };
        let is_low = load < LOW * self.target && instances > INSTANCES_MIN;
        self.minutes_low = if is_low { self.minutes_low + 1 } else { 0 };
        let next = (self.minutes_high + self.minutes_low > 0).then(|| seen.now.plus(PERIOD));
        if self.minutes_high < MINUTES_HIGH && self.minutes_low < MINUTES_LOW {
            return unexplained(instances, next);
        }
        let wanted = instances_for(jobs / self.target);
        let surplus = seen.fleet.desired.saturating_sub(wanted);
        let idle = idle::count(seen, State::Idle);
        let (remove, _) = idle::beyond(seen, idle.saturating_sub(surplus), Duration::ZERO);
        Plan { remove, ..unexplained(wanted, next) }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn instances_for(instances: f64) -> u32 {
    (instances.ceil() as u32).max(INSTANCES_MIN)
}
