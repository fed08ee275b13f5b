//! An instance for each webhook that says "queued", whatever stands ready or boots:
//! terraform-aws-github-runner. Its queue delays each message by 30 s by default; without the delay
//! it is what its settings and several followers allow. A repeated webhook launches again, and an
//! order that gave nothing is not made again.
//!
//! With idle instances it is the same from a higher level: each launch replaces the idle one that
//! the job took (its `idle_config`). With a stopped pool of constant size it is an EC2 warm pool
//! whose size somebody chose.
//!
//! Known: its scale-down removes surplus idle instances after some minutes; here after
//! [`IDLE_MAX`]. Unknown: how its users choose a pool's size.

use std::time::Duration;

use model::Timestamp;

use super::{Cadence, Replacement, Scaler, idle, unexplained};
use crate::sim::Setting;
use crate::{Plan, Snapshot};

/// The default delay of its queue.
pub const DELAY: Duration = Duration::from_secs(30);

/// Its least running time (5 min) and the period of its scale-down (5 min).
const IDLE_MAX: Duration = Duration::from_mins(10);

pub struct PerWebhook {
    delay: Duration,
    idle: u32,
    stopped: u32,
    /// Launches that are still to be ordered.
    owed: u32,
}

impl PerWebhook {
    /// With so many idle and stopped instances from the start.
    pub fn new(delay: Duration, idle: u32, stopped: u32) -> Self {
        PerWebhook { delay, idle, stopped, owed: idle }
    }
}

impl Scaler for PerWebhook {
    fn cadence(&self, setting: &Setting) -> Cadence {
        Cadence {
            sees_after: setting.webhook_delay + self.delay,
            on_event: true,
            every: Some(setting.tick),
            replacement: Replacement::Never,
        }
    }

    fn webhook(&mut self, _queued_at: Timestamp, _repeated: bool) {
        self.owed += 1;
    }

    fn decide(&mut self, seen: &mut Snapshot) -> Plan {
        let (remove, next) = idle::beyond(seen, self.idle, IDLE_MAX);
        let desired = seen.fleet.desired - idle::len(&remove) + self.owed;
        Plan { warm: Some(self.stopped), remove, ..unexplained(desired, next) }
    }

    fn accepted(&mut self) {
        self.owed = 0;
    }
}
