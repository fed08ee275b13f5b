//! Spare in proportion to load: GitLab's runner autoscaler, `max(idle_min, min(ceil(factor x
//! active), limit))` idle machines. A job is asked for only when a machine is idle, so the queue
//! itself launches nothing.
//!
//! Known: the rule; factor and limits are those of its documentation's example. Unknown: how long
//! surplus idle machines live; here [`IDLE_MAX`].

use std::time::Duration;

use super::{Cadence, Replacement, Scaler, idle, unexplained};
use crate::sim::Setting;
use crate::{Plan, Snapshot, State};

const FACTOR: f64 = 1.1;

const SPARE_MIN: u32 = 1;

const SPARE_MAX: u32 = 500;

const IDLE_MAX: Duration = Duration::from_mins(20);

pub struct Proportional;

impl Scaler for Proportional {
    fn cadence(&self, setting: &Setting) -> Cadence {
        Cadence {
            sees_after: Duration::ZERO,
            on_event: false,
            every: Some(setting.tick),
            replacement: Replacement::Never,
        }
    }

    fn decide(&mut self, seen: &mut Snapshot) -> Plan {
        let spare = spare(seen.backlog.running);
        let (idle, booting) = (idle::count(seen, State::Idle), idle::count(seen, State::Booting));
        let launch = spare.saturating_sub(idle + booting);
        let (remove, next) = idle::beyond(seen, spare, IDLE_MAX);
        let desired = seen.fleet.desired - idle::len(&remove) + launch;
        Plan { remove, ..unexplained(desired, next) }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of runners")]
fn spare(active: u32) -> u32 {
    let wanted = (f64::from(active) * FACTOR).ceil() as u32;
    wanted.clamp(SPARE_MIN, SPARE_MAX)
}
