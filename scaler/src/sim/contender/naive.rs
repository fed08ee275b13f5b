//! A scaler that is invoked once a minute, asks the API how many jobs are queued and launches as
//! many instances as idle runners are missing. It does not see what boots, so a job that waits for
//! two minutes is launched for twice: what a first script does, and what its authors are warned of.
//!
//! Unknown: how long surplus idle instances live. Here [`IDLE_MAX`], chosen among 5 to 30 minutes to
//! fit figures known from two traces, so that agreement there is no evidence for it.

use std::time::Duration;

use super::{Cadence, Replacement, Scaler, idle, unexplained};
use crate::sim::Setting;
use crate::{Plan, Snapshot, State};

const PERIOD: Duration = Duration::from_mins(1);

/// Surplus is removed after this, as of an agent that disconnects when it finds no job.
const IDLE_MAX: Duration = Duration::from_mins(10);

pub struct Naive;

impl Scaler for Naive {
    fn cadence(&self, _setting: &Setting) -> Cadence {
        Cadence {
            sees_after: Duration::ZERO,
            on_event: false,
            every: Some(PERIOD),
            replacement: Replacement::Never,
        }
    }

    fn decide(&mut self, seen: &mut Snapshot) -> Plan {
        let (remove, next) = idle::beyond(seen, seen.backlog.queued, IDLE_MAX);
        let launch = seen.backlog.queued.saturating_sub(idle::count(seen, State::Idle));
        // What still waits at the next poll is launched for again.
        let next = if seen.backlog.queued > 0 { Some(seen.now.plus(PERIOD)) } else { next };
        let desired = seen.fleet.desired - idle::len(&remove) + launch;
        Plan { remove, ..unexplained(desired, next) }
    }
}
