//! The longest waits of a pool, with the jobs behind them.

use model::Timestamp;
use model::capacity::PoolReport;

use super::{Batch, Fact, Name};

/// A job that waited long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slow {
    pub(super) wait_ms: u64,
    pub(super) is_waiting: bool,
    pub(super) queued_at: Timestamp,
    pub(super) job: u64,
    pub(super) run: u64,
    pub(super) repository: Name,
    pub(super) workflow: Name,
    pub(super) name: String,
    pub(super) url: String,
}

/// The longest so far, the longest first; equal ones in order of time and id, so that the order of
/// the data does not matter.
#[derive(Clone, Debug, Default)]
pub(super) struct Slowest(Vec<Slow>);

impl Slowest {
    /// Notes a wait if it is one of the longest.
    pub(super) fn note(
        &mut self,
        wait_ms: u64,
        is_waiting: bool,
        queued_at: Timestamp,
        fact: &Fact,
        batch: &Batch,
    ) {
        let rank = |wait_ms: u64, queued_at: Timestamp, job: u64| {
            (std::cmp::Reverse(wait_ms), queued_at, job)
        };
        let this = rank(wait_ms, queued_at, fact.key.job);
        let of = |slow: &Slow| rank(slow.wait_ms, slow.queued_at, slow.job);
        let is_full = self.0.len() >= PoolReport::SLOWEST_MAX;
        if is_full && self.0.last().is_some_and(|last| of(last) <= this) {
            return;
        }
        let place = self.0.partition_point(|slow| of(slow) < this);
        let slow = Slow {
            wait_ms,
            is_waiting,
            queued_at,
            job: fact.key.job,
            run: fact.run,
            repository: fact.repository,
            workflow: fact.workflow,
            name: batch.text(&fact.name).to_owned(),
            url: batch.text(&fact.url).to_owned(),
        };
        self.0.insert(place, slow);
        self.0.truncate(PoolReport::SLOWEST_MAX);
    }

    /// The longest first.
    pub(super) fn into_list(self) -> Vec<Slow> {
        self.0
    }
}
