//! A simulated group that two look at: the scaler that sets it, and the player whose jobs it takes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::{InstanceId, Timestamp};
use scaler::ports::{Group, Open, Trouble};
use scaler::{Capacity, Fleet, Removal};

use super::Simulated;

/// A handle on a simulated group.
#[derive(Clone, Debug)]
pub struct Shared(Arc<Mutex<Simulated>>);

impl Shared {
    /// The first handle on it.
    pub fn new(group: Simulated) -> Self {
        Shared(Arc::new(Mutex::new(group)))
    }

    /// The group itself, for a moment.
    pub fn lock(&self) -> MutexGuard<'_, Simulated> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Group for Shared {
    fn names_max(&self) -> u32 {
        self.lock().names_max()
    }

    fn describe(&mut self, open: &Open, now: Timestamp) -> Result<Fleet, Trouble> {
        self.lock().describe(open, now)
    }

    fn desired(&mut self, now: Timestamp) -> Result<Capacity, Trouble> {
        self.lock().desired(now)
    }

    fn set_desired(&mut self, desired: Capacity, now: Timestamp) -> Result<(), Trouble> {
        self.lock().set_desired(desired, now)
    }

    fn set_warm(&mut self, size: u32, now: Timestamp) -> Result<(), Trouble> {
        self.lock().set_warm(size, now)
    }

    fn remove(&mut self, removal: &Removal, now: Timestamp) -> Result<bool, Trouble> {
        self.lock().remove(removal, now)
    }

    fn interrupted(&mut self) -> Vec<InstanceId> {
        self.lock().interrupted()
    }

    fn is_real(&self) -> bool {
        true
    }
}
