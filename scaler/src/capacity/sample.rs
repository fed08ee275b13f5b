//! The jobs of a pool that are replayed: the latest ones, without a hole, bounded in number.

use std::time::Duration;

use model::Timestamp;

use crate::sim;

/// Jobs of all pools together at most: what is replayed a few dozen times within a minute.
pub const JOBS_MAX: usize = 200_000;

/// Held while the data are read, before the latest are chosen: 16 bytes each.
const HELD_MAX: usize = 2 * JOBS_MAX;

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

/// A job in 16 bytes; lengths beyond 49 days count as that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Small {
    queued_ms: i64,
    waited_ms: u32,
    duration_ms: u32,
}

/// Nobody knows how long it waited.
const UNKNOWN: u32 = u32::MAX;

/// The sample of one pool while the data are read.
#[derive(Clone, Debug, Default)]
pub(super) struct Latest {
    jobs: Vec<Small>,
    /// What asked earlier has no room.
    since_ms: Option<i64>,
    left_out: u64,
}

impl Latest {
    /// Takes a job, unless there is no room for one that early. Whether there is.
    pub(super) fn take(&mut self, queued_ms: i64, waited_ms: Option<u64>, ms: u64) -> bool {
        if self.since_ms.is_some_and(|since| queued_ms < since) {
            self.left_out += 1;
            return false;
        }
        let small = |ms: u64| u32::try_from(ms).unwrap_or(UNKNOWN).min(UNKNOWN - 1);
        let waited_ms = waited_ms.map_or(UNKNOWN, small);
        self.jobs.push(Small { queued_ms, waited_ms, duration_ms: small(ms) });
        true
    }

    /// Keeps the latest `most`, and of those that asked at the same instant as the first all or
    /// none.
    fn cut(&mut self, most: usize) {
        if self.jobs.len() <= most {
            return;
        }
        self.jobs.sort_unstable();
        let before = self.jobs.len() - most;
        let last_out = before.checked_sub(1).map(|last| self.jobs[last].queued_ms);
        let first_in = self.jobs.partition_point(|job| Some(job.queued_ms) <= last_out);
        self.jobs.drain(..first_in);
        self.left_out += first_in as u64;
        self.since_ms = last_out.map(|ms| ms + 1);
    }

    fn into_sample(mut self, pool: &str) -> Sample {
        self.jobs.sort_unstable();
        let length = |ms: u32| Duration::from_millis(ms.into());
        let jobs = self.jobs.iter().map(|small| SampleJob {
            queued_at: Timestamp::from_millis(small.queued_ms),
            waited: (small.waited_ms != UNKNOWN).then(|| length(small.waited_ms)),
            duration: length(small.duration_ms),
        });
        Sample { pool: pool.to_owned(), jobs: jobs.collect(), left_out: self.left_out }
    }
}

/// How many jobs of each pool there is room for, where all together shall be no more than `most`:
/// pools with fewer than their part leave the rest to the others.
fn room(jobs: &[usize], most: usize) -> usize {
    let (mut low, mut high) = (0, most);
    while low < high {
        let middle = (low + high).div_ceil(2);
        let held: usize = jobs.iter().map(|jobs| (*jobs).min(middle)).sum();
        if held <= most { low = middle } else { high = middle - 1 }
    }
    low
}

/// Cuts the samples of all pools to what there is room for, once more than that is held.
pub(super) fn cut<'a>(held: usize, pools: impl Iterator<Item = &'a mut Latest>) -> usize {
    if held <= HELD_MAX { held } else { cut_to(JOBS_MAX, pools) }
}

fn cut_to<'a>(most: usize, pools: impl Iterator<Item = &'a mut Latest>) -> usize {
    let mut pools: Vec<&mut Latest> = pools.collect();
    let jobs: Vec<usize> = pools.iter().map(|latest| latest.jobs.len()).collect();
    let room = room(&jobs, most);
    for latest in &mut pools {
        latest.cut(room);
    }
    pools.iter().map(|latest| latest.jobs.len()).sum()
}

/// The samples of all pools, within [`JOBS_MAX`].
pub(super) fn samples<'a>(pools: impl Iterator<Item = (&'a str, Latest)>) -> Vec<Sample> {
    let mut pools: Vec<(&str, Latest)> = pools.collect();
    cut_to(JOBS_MAX, pools.iter_mut().map(|(_, latest)| latest));
    pools.into_iter().map(|(pool, latest)| latest.into_sample(pool)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latest(queued: impl IntoIterator<Item = i64>) -> Latest {
        let mut latest = Latest::default();
        for ms in queued {
            assert!(latest.take(ms, None, 1), "nothing was cut yet");
        }
        latest
    }

    #[test]
    fn a_sample_has_no_hole_whatever_the_order() {
        let mut latest = latest([5, 1, 4, 2, 3, 3]);
        latest.cut(4);
        assert!(!latest.take(2, None, 1), "there is no room for one that early");
        assert!(latest.take(3, Some(7), 1));
        let sample = latest.into_sample("linux");
        let queued: Vec<i64> = sample.jobs.iter().map(|job| job.queued_at.as_millis()).collect();
        assert_eq!((queued, sample.left_out), (vec![3, 3, 3, 4, 5], 3));
        assert!(sample.jobs.iter().any(|job| job.waited == Some(Duration::from_millis(7))));
    }

    #[test]
    fn of_jobs_at_the_same_instant_all_are_in_or_none() {
        let mut latest = latest([1, 2, 2, 2, 3]);
        latest.cut(2);
        assert_eq!(latest.into_sample("x").jobs.len(), 1);
    }

    #[test]
    fn small_pools_leave_their_room_to_large_ones() {
        assert_eq!(room(&[10, 1000, 1000], 210), 100);
        assert_eq!(room(&[10, 20], 210), 210);
        let mut pools = [latest(0..10), latest(0..1000), latest(0..1000)];
        assert_eq!(cut_to(210, pools.iter_mut()), 210);
    }
}
