//! The jobs of a pool that are replayed: all that ended in its [`Stretch`].

use std::time::Duration;

use model::Timestamp;

use super::Stretch;
use crate::sim;

/// The jobs of a pool that are replayed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// The pool.
    pub pool: String,
    /// Which of its jobs these are.
    pub stretch: Stretch,
    /// Jobs of the period that are not.
    pub left_out: u64,
    jobs: Vec<Small>,
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

impl Sample {
    /// In the order in which they asked for a runner; of those that asked at the same instant the
    /// one first that had its runner first.
    pub fn jobs(&self) -> Vec<SampleJob> {
        self.jobs.iter().map(Small::whole).collect()
    }
}

/// A job in 16 bytes; lengths beyond 49 days count as that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Small {
    queued_ms: i64,
    waited_ms: u32,
    duration_ms: u32,
}

/// Nobody knows how long it waited.
const UNKNOWN: u32 = u32::MAX;

impl Small {
    fn whole(&self) -> SampleJob {
        let length = |ms: u32| Duration::from_millis(ms.into());
        SampleJob {
            queued_at: Timestamp::from_millis(self.queued_ms),
            waited: (self.waited_ms != UNKNOWN).then(|| length(self.waited_ms)),
            duration: length(self.duration_ms),
        }
    }
}

/// The sample of one pool while the data are read.
#[derive(Clone, Debug, Default)]
pub(super) struct Taken {
    stretch: Stretch,
    jobs: Vec<Small>,
    left_out: u64,
}

impl Taken {
    pub(super) fn new(stretch: Stretch) -> Self {
        Taken { stretch, ..Taken::default() }
    }

    /// Takes a job of the period, if it is to be replayed.
    pub(super) fn take(&mut self, queued_at: Timestamp, waited_ms: Option<u64>, ms: u64) {
        if !self.stretch.takes(queued_at) {
            self.left_out += 1;
            return;
        }
        let small = |ms: u64| u32::try_from(ms).unwrap_or(UNKNOWN).min(UNKNOWN - 1);
        self.jobs.push(Small {
            queued_ms: queued_at.as_millis(),
            waited_ms: waited_ms.map_or(UNKNOWN, small),
            duration_ms: small(ms),
        });
    }

    pub(super) fn into_sample(mut self, pool: &str) -> Sample {
        self.jobs.sort_unstable();
        let Taken { stretch, jobs, left_out } = self;
        Sample { pool: pool.to_owned(), stretch, left_out, jobs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_whole_from_its_first_instant_on_whatever_the_order() {
        let mut taken = Taken::new(Stretch::Since(Timestamp::from_millis(3)));
        for ms in [5, 1, 4, 2, 3, 3] {
            taken.take(Timestamp::from_millis(ms), None, 1);
        }
        taken.take(Timestamp::from_millis(3), Some(7), 1);
        let sample = taken.into_sample("linux");
        let queued: Vec<i64> = sample.jobs().iter().map(|job| job.queued_at.as_millis()).collect();
        assert_eq!((queued, sample.left_out), (vec![3, 3, 3, 4, 5], 2));
        assert!(sample.jobs().iter().any(|job| job.waited == Some(Duration::from_millis(7))));
    }

    #[test]
    fn a_length_that_does_not_fit_is_the_longest() {
        let mut taken = Taken::new(Stretch::Whole);
        taken.take(Timestamp::EPOCH, Some(u64::MAX), u64::MAX);
        let job = taken.into_sample("linux").jobs()[0];
        assert_eq!(job.waited, Some(job.duration));
    }
}
