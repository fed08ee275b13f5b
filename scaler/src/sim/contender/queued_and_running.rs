//! As many instances as jobs are queued and running.
//!
//! * [`WithCooldown`]: buildkite-agent-scaler. Every 10 s inside a Lambda; after a scale-out none
//!   follows for 300 s (its shipped template). Agents end themselves and lower the capacity; it does
//!   not scale in. Known: the rule, both times. Unknown here: its buffer (none), and after how long
//!   an agent without a job ends itself ([`AGENT_IDLE_MAX`], its stack's default).
//! * [`PlusMin`]: a runner scale set of actions-runner-controller: `min(minRunners + assigned,
//!   maxRunners)` on each message, pending pods counted, no registration deadline, and what is above
//!   that is removed at once if it is idle. Unknown here: no maximum is set; nodes for its pods take
//!   as long to boot as any instance.

use std::time::Duration;

use model::Timestamp;

use super::{Cadence, Replacement, Scaler, idle, unexplained};
use crate::sim::Setting;
use crate::{Plan, Snapshot};

const PERIOD: Duration = Duration::from_secs(10);

const COOLDOWN: Duration = Duration::from_mins(5);

/// An agent that finds no job disconnects after ten minutes.
const AGENT_IDLE_MAX: Duration = Duration::from_mins(10);

#[derive(Default)]
pub struct WithCooldown {
    raised_at: Option<Timestamp>,
}

impl Scaler for WithCooldown {
    fn cadence(&self, _setting: &Setting) -> Cadence {
        Cadence {
            sees_after: Duration::ZERO,
            on_event: false,
            every: Some(PERIOD),
            replacement: Replacement::Never,
        }
    }

    fn decide(&mut self, seen: &mut Snapshot) -> Plan {
        let (remove, next) = idle::beyond(seen, 0, AGENT_IDLE_MAX);
        let current = seen.fleet.desired - idle::len(&remove);
        let wanted = seen.backlog.queued + seen.backlog.running;
        let free_at = self.raised_at.map_or(seen.now, |at| at.plus(COOLDOWN));
        let (desired, next) = match wanted > current {
            true if free_at <= seen.now => {
                self.raised_at = Some(seen.now);
                (wanted, next)
            }
            true => (current, Some(next.map_or(free_at, |next| next.min(free_at)))),
            false => (current, next),
        };
        Plan { remove, ..unexplained(desired, next) }
    }
}

pub struct PlusMin {
    pub min: u32,
}

impl Scaler for PlusMin {
    fn cadence(&self, setting: &Setting) -> Cadence {
        Cadence {
            sees_after: setting.webhook_delay,
            on_event: true,
            every: Some(setting.tick),
            replacement: Replacement::Never,
        }
    }

    fn decide(&mut self, seen: &mut Snapshot) -> Plan {
        let wanted = self.min + seen.backlog.queued + seen.backlog.running;
        let surplus = seen.fleet.desired.saturating_sub(wanted);
        let idle = idle::count(seen, crate::State::Idle);
        let (remove, _) = idle::beyond(seen, idle.saturating_sub(surplus), Duration::ZERO);
        let desired = wanted.max(seen.fleet.desired - idle::len(&remove));
        Plan { remove, ..unexplained(desired, None) }
    }
}
