//! The jobs of a pool that are replayed: the latest ones, without a hole, bounded in number.

use std::time::Duration;

use model::Timestamp;

use crate::sim;

/// Jobs of one pool at most: what is replayed a few dozen times within a minute.
pub const JOBS_MAX: usize = 200_000;

/// The latest jobs of a pool that ended and had a runner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// The pool.
    pub pool: String,
    /// In the order in which they asked for a runner; all that asked within the period from the
    /// first of these on.
    pub jobs: Vec<SampleJob>,
    /// Earlier jobs of the period, which had no room.
    pub left_out: u64,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleJob {
    /// When it asked for a runner; where its wait is unknown, when it got one.
    pub queued_at: Timestamp,
    /// How long it waited; `None` where nobody knows.
    pub waited: Option<Duration>,
    /// How long it had its runner.
    pub duration: Duration,
}

impl SampleJob {
    /// As the simulator takes it.
    pub fn job(&self) -> sim::Job {
        sim::Job { queued_at: self.queued_at, duration: self.duration }
    }
}
