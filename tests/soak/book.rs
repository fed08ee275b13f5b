//! The plain reference: what was sent, what was acknowledged, and what follows from it.

use std::collections::BTreeMap;

use model::{JobKey, Phase};

use crate::world::{Delivery, Job};

/// What became of the news of one phase of one job.
pub(crate) enum Fate {
    /// It went out, and nobody knows whether it arrived.
    Open(Delivery),
    /// It was acknowledged.
    Known,
}

/// What is true of a job, whatever is told of it.
#[derive(Clone)]
pub(crate) struct Truth {
    pub(crate) pool: &'static str,
    pub(crate) wait_secs: u64,
    pub(crate) has_runner: bool,
}

/// What one sender sent, or all of them.
#[derive(Default)]
pub(crate) struct Book {
    pub(crate) jobs: BTreeMap<JobKey, Truth>,
    pub(crate) news: BTreeMap<(JobKey, Phase), Fate>,
}

/// What a pool should say of itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) totals: [u64; 3],
    pub(crate) levels: [u64; 2],
}

impl Book {
    /// Both together.
    pub(crate) fn and(mut self, other: Book) -> Book {
        self.jobs.extend(other.jobs);
        self.news.extend(other.news);
        self
    }

    pub(crate) fn is_known(&self, news: (JobKey, Phase)) -> bool {
        matches!(self.news.get(&news), Some(Fate::Known))
    }

    fn has(&self, key: JobKey, phase: Phase) -> bool {
        self.news.contains_key(&(key, phase))
    }

    /// Whether a job got a runner as far as its news tell.
    fn has_started(&self, key: JobKey) -> bool {
        let is_told = self.has(key, Phase::Completed) && self.jobs[&key].has_runner;
        self.has(key, Phase::InProgress) || is_told
    }

    /// What should be said of a pool once everything that was sent is known.
    pub(crate) fn sums(&self, pool: &str) -> Sums {
        let mut sums = Sums::default();
        for (key, _) in self.jobs.iter().filter(|(_, truth)| truth.pool == pool) {
            let is_over = self.has(*key, Phase::Completed);
            let is_running = self.has(*key, Phase::InProgress) && !is_over;
            let is_queued = self.has(*key, Phase::Queued);
            let told = [is_queued, self.has_started(*key), is_over].map(u64::from);
            sums.totals = std::array::from_fn(|i| sums.totals[i] + told[i]);
            sums.levels[0] += u64::from(is_queued && !is_running && !is_over);
            sums.levels[1] += u64::from(is_running);
        }
        sums
    }

    /// The waits of a pool: all seconds, and of how many jobs.
    pub(crate) fn waits(&self, pool: &str) -> (u64, u64) {
        let of_pool = self.jobs.iter().filter(|(_, truth)| truth.pool == pool);
        let started = of_pool.filter(|(key, _)| self.has_started(**key));
        started.fold((0, 0), |(secs, jobs), (_, truth)| (secs + truth.wait_secs, jobs + 1))
    }
}

/// The key of a job that was made here.
pub(crate) fn key(job: &Job, attempt: u32) -> JobKey {
    JobKey { job: job.id, attempt }
}
