//! A real group of which nothing is changed: what would be set is said.

use model::{InstanceId, Timestamp};
use scaler::ports::{Group, Open, Trouble};
use scaler::{Capacity, Fleet, Removal};

/// A group that is looked at only.
pub struct Rehearsal {
    group: Box<dyn Group>,
    pool: String,
}

impl Rehearsal {
    /// Of that group.
    pub fn new(group: Box<dyn Group>, pool: &str) -> Self {
        Rehearsal { group, pool: pool.to_owned() }
    }
}

impl Group for Rehearsal {
    fn names_max(&self) -> u32 {
        self.group.names_max()
    }

    fn describe(&mut self, open: &Open, now: Timestamp) -> Result<Fleet, Trouble> {
        self.group.describe(open, now)
    }

    fn desired(&mut self, now: Timestamp) -> Result<Capacity, Trouble> {
        self.group.desired(now)
    }

    fn set_desired(&mut self, desired: Capacity, _now: Timestamp) -> Result<(), Trouble> {
        let Capacity { on_demand, spot } = desired;
        tracing::debug!(pool = self.pool, on_demand, spot, "would set the desired capacity");
        Ok(())
    }

    fn set_warm(&mut self, size: u32, _now: Timestamp) -> Result<(), Trouble> {
        tracing::debug!(pool = self.pool, size, "would set the stopped pool");
        Ok(())
    }

    fn remove(&mut self, removal: &Removal, _now: Timestamp) -> Result<bool, Trouble> {
        tracing::debug!(pool = self.pool, instance = %removal.id, "would remove");
        Ok(false)
    }

    fn interrupted(&mut self) -> Vec<InstanceId> {
        self.group.interrupted()
    }

    fn is_real(&self) -> bool {
        false
    }
}
