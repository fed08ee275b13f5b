//! What a [`Scaler`](crate::Scaler) asks of the world: the jobs of its pool, and the group of
//! instances that it sets.
//!
//! Calls may block. Whoever runs a scaler gives each pool a thread of its own while it is at work,
//! so that one slow group delays no other.

use std::fmt;

use model::{InstanceId, Timestamp};

use crate::{Backlog, Capacity, Fleet, Removal};

/// The jobs of one pool: the store's, or what CloudWatch knows of them.
pub trait Jobs {
    /// Those that wait and run; of those that run, at most `names_max` runners by name.
    ///
    /// # Errors
    /// When they cannot be read.
    fn open(&mut self, names_max: u32, now: Timestamp) -> Result<Open, Trouble>;

    /// Hands over when each job of the history was queued, in order of time: one after another,
    /// since there may be millions. Jobs that are queued later are told by [`Jobs::arrived`].
    ///
    /// # Errors
    /// When they cannot be read; then what was handed over so far does not count.
    fn history(&mut self, take: &mut dyn FnMut(Timestamp)) -> Result<(), Trouble>;

    /// When jobs were queued since the history or the last call, in order of time.
    ///
    /// # Errors
    /// When they cannot be read; the next call tells of them.
    fn arrived(&mut self) -> Result<Vec<Timestamp>, Trouble>;
}

/// The instances of one pool: an Auto Scaling group, two of which one holds Spot instances, or a
/// simulated one.
pub trait Group: Send {
    /// So many of the runners that have a job it wants to know by name; of further ones their
    /// number is enough.
    fn names_max(&self) -> u32;

    /// What is there. Which instances have a job is what `open` knows.
    ///
    /// # Errors
    /// When the group does not answer.
    fn describe(&mut self, open: &Open, now: Timestamp) -> Result<Fleet, Trouble>;

    /// The desired capacity, read anew.
    ///
    /// # Errors
    /// When the group does not answer.
    fn desired(&mut self, now: Timestamp) -> Result<Capacity, Trouble>;

    /// Sets the desired capacity; absolute numbers, so that doing it twice changes nothing. What
    /// falls is set before what rises, so that the sum is never exceeded.
    ///
    /// # Errors
    /// When the group refuses.
    fn set_desired(&mut self, desired: Capacity, now: Timestamp) -> Result<(), Trouble>;

    /// Sets how many stopped instances are held.
    ///
    /// # Errors
    /// When the group refuses.
    fn set_warm(&mut self, size: u32, now: Timestamp) -> Result<(), Trouble>;

    /// Deregisters a runner where that is asked for, then ends its instance and lowers the desired
    /// capacity by one. `false`: it got a job meanwhile and stays.
    ///
    /// # Errors
    /// When the group refuses.
    fn remove(&mut self, removal: &Removal, now: Timestamp) -> Result<bool, Trouble>;

    /// Instances that were taken away since this was asked last, as Spot instances are.
    fn interrupted(&mut self) -> Vec<InstanceId>;

    /// Whether what is set comes true. A group that only says what it would do sets nothing.
    fn is_real(&self) -> bool;
}

/// The open jobs of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Counted.
    pub backlog: Backlog,
    /// Runners that have a job, by name: those that have it for longest, as far as names were asked
    /// for. `backlog.running` counts all.
    pub busy: Vec<Busy>,
}

/// A runner that has a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Busy {
    /// Its name, where GitHub told it.
    pub runner: String,
    /// Since when it has the job.
    pub since: Timestamp,
}

/// The world did not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What was asked.
    pub asked: &'static str,
    /// Why it failed.
    pub because: String,
}

impl Trouble {
    /// What was asked, and why it failed.
    pub fn new(asked: &'static str, because: impl fmt::Display) -> Self {
        Trouble { asked, because: because.to_string() }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.asked, self.because)
    }
}

impl std::error::Error for Trouble {}
