//! What one could do who knew the future: the bounds to compare with.
//!
//! The **oracle** boots an instance for each job just in time: nobody waits, and the bill is
//! duration and one boot, the least that a fleet of ephemeral runners can have. The **warm oracle**
//! prepares an instance for each job just in time and starts it when the job is queued: each job
//! waits for one warm start, and the bill is preparation, start and duration, with nothing held.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use model::Timestamp;

use super::queue::Waiting;
use super::tally::{Exit, Start, Tally};
use super::{Blocks, Job, Outcome, Setting};

/// What is done ahead of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foresight {
    /// Instances boot before their job is queued.
    Boots,
    /// Instances are prepared before their job is queued, and start when it is.
    Prepares,
}

/// All jobs, served by foresight.
pub fn run(
    jobs: impl Iterator<Item = Job>,
    setting: &Setting,
    blocks: Blocks,
    foresight: Foresight,
) -> Vec<Outcome> {
    let mut jobs = jobs.peekable();
    let mut last = jobs.peek().map_or(Timestamp::EPOCH, |job| job.queued_at);
    let mut tally = Tally::new(setting, blocks, last);
    let mut running = BinaryHeap::new();
    for job in jobs {
        last = last.max(job.queued_at);
        let job = Job { queued_at: last, ..job };
        let served = Served::of(&job, setting, foresight);
        while running.peek().is_some_and(|Reverse(end)| *end <= served.ordered_at) {
            running.pop();
        }
        running.push(Reverse(served.ends_at));
        tally.members(job.queued_at, u32::try_from(running.len()).unwrap_or(u32::MAX));
        served.count(&job, setting, &mut tally);
    }
    tally.finish()
}

struct Served {
    start: Start,
    /// When its instance becomes a member of the group.
    ordered_at: Timestamp,
    wait: Duration,
    ends_at: Timestamp,
}

impl Served {
    fn of(job: &Job, setting: &Setting, foresight: Foresight) -> Served {
        let (start, ordered_at, wait) = match foresight {
            Foresight::Boots => {
                (Start::Cold, job.queued_at.minus(setting.cold_start), Duration::ZERO)
            }
            Foresight::Prepares => (Start::Warm, job.queued_at, setting.warm_start),
        };
        Served { start, ordered_at, wait, ends_at: job.queued_at.plus(wait).plus(job.duration) }
    }

    fn count(&self, job: &Job, setting: &Setting, tally: &mut Tally) {
        let waiting = Waiting { job: *job, seen: true, again: false };
        tally.started(&waiting, job.queued_at.plus(self.wait));
        tally.left(
            self.start,
            self.ordered_at,
            self.ends_at,
            Exit::AfterJob { queued_at: job.queued_at },
        );
        if self.start == Start::Warm {
            // As of the instant of its use, so that it counts as its job does.
            tally.prepared(job.queued_at, job.queued_at.plus(setting.cold_start));
        }
    }
}
