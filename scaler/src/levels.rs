//! What a pool's instances do, in figures.

use crate::census::Census;
use crate::{Policy, Snapshot};

/// Instances by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    /// Those with a job.
    pub busy: u32,
    /// Those that wait for one.
    pub idle: u32,
    /// Those that boot, within their deadline.
    pub booting: u32,
    /// Those that are past it.
    pub overdue: u32,
    /// Those that wait until their runner is registered, among those that boot.
    pub registering: u32,
    /// Stopped ones that are ready to start.
    pub stopped: u32,
    /// Stopped ones that are to be held, ready or not.
    pub stopped_desired: u32,
}

impl Levels {
    /// Counted from a snapshot.
    pub fn of(snapshot: &Snapshot, policy: &Policy) -> Self {
        let census = Census::of(snapshot, policy);
        Levels {
            busy: census.busy,
            idle: census.idle,
            booting: census.booting,
            overdue: census.overdue,
            registering: snapshot.fleet.registering,
            stopped: snapshot.fleet.warm.stopped,
            stopped_desired: snapshot.fleet.warm.size,
        }
    }
}
