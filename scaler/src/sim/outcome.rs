//! How it went: waits, bill, launches.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Duration;

use model::Timestamp;

use super::{Job, Setting};

/// What one contender did with the measured jobs. Waits are kept to a tenth of a second, so memory
/// is bounded by the longest of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Measured jobs that got a runner.
    pub jobs: u64,
    /// Measured jobs that were cancelled before.
    pub cancelled: u64,
    /// Measured jobs that never got a runner.
    pub unserved: u64,
    /// Instances that were ordered, started from stock or cold.
    pub launches: u64,
    /// Those of them that left without having had a job.
    pub unused_launches: u64,
    /// Instances that were prepared for the stock.
    pub preparations: u64,
    /// Members at once at most, booting ones included, stopped ones not.
    pub peak: u64,
    /// Instance-seconds: running, preparing, and stopped ones at their part.
    pub bill_secs: f64,
    /// The least that ephemeral runners could cost: each job and one cold boot.
    pub oracle_secs: f64,
    within: u64,
    wait_ms: u64,
    waits: BTreeMap<u32, u64>,
}

impl Outcome {
    /// A measured job got its runner.
    pub(super) fn waited(&mut self, wait: Duration, slo: Duration) {
        self.jobs += 1;
        self.within += u64::from(wait <= slo);
        self.wait_ms += u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        let tenths = (wait.as_millis() + 50) / 100;
        *self.waits.entry(u32::try_from(tenths).unwrap_or(u32::MAX)).or_default() += 1;
    }

    /// The mean wait in seconds; 0 without jobs.
    pub fn wait_mean_secs(&self) -> f64 {
        ratio(as_f64(self.wait_ms) / 1000.0, as_f64(self.jobs))
    }

    /// The wait in seconds that `share` of the jobs did not exceed (nearest rank), to 0.1 s.
    pub fn wait_secs(&self, share: f64) -> f64 {
        let rank = (share * as_f64(self.jobs)).ceil().max(1.0);
        let mut seen = 0;
        let found = self.waits.iter().find(|(_, jobs)| {
            seen += **jobs;
            as_f64(seen) >= rank
        });
        found.map_or(0.0, |(tenths, _)| f64::from(*tenths) / 10.0)
    }

    /// The share of the jobs that waited no longer than the SLO; 1 without jobs.
    pub fn within_slo(&self) -> f64 {
        if self.jobs == 0 { 1.0 } else { ratio(as_f64(self.within), as_f64(self.jobs)) }
    }

    /// The bill as a multiple of the least possible one.
    pub fn bill_over_oracle(&self) -> f64 {
        ratio(self.bill_secs, self.oracle_secs)
    }

    /// Instances ordered for a job.
    pub fn launches_per_job(&self) -> f64 {
        ratio(as_f64(self.launches), as_f64(self.jobs))
    }

    /// Takes another pool's outcome in: everything adds, the peak too, as if all pools had theirs
    /// at once.
    pub fn add(&mut self, other: &Outcome) {
        self.jobs += other.jobs;
        self.cancelled += other.cancelled;
        self.unserved += other.unserved;
        self.launches += other.launches;
        self.unused_launches += other.unused_launches;
        self.preparations += other.preparations;
        self.peak += other.peak;
        self.bill_secs += other.bill_secs;
        self.oracle_secs += other.oracle_secs;
        self.within += other.within;
        self.wait_ms += other.wait_ms;
        for (tenths, jobs) in &other.waits {
            *self.waits.entry(*tenths).or_default() += jobs;
        }
    }
}

fn ratio(a: f64, b: f64) -> f64 {
    if b > 0.0 { a / b } else { 0.0 }
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn as_f64(n: u64) -> f64 {
    n as f64
}

/// Somebody who knows the future: an instance is ready `wait` after each job is queued, prepared
/// just in time. With a wait it is started from stock, which is billed besides.
pub fn oracle(jobs: impl Iterator<Item = Job>, setting: &Setting, wait: Duration) -> Outcome {
    let boot = setting.policy.times.cold_start;
    let mut outcome = Outcome::default();
    let mut measured_from: Option<Timestamp> = None;
    let mut running: BinaryHeap<Reverse<Timestamp>> = BinaryHeap::new();
    for job in jobs {
        let from = *measured_from.get_or_insert_with(|| job.queued_at.plus(setting.learn));
        // Members only while they are started: the boot of a prepared one lies before.
        let began = if wait.is_zero() { job.queued_at.minus(boot) } else { job.queued_at };
        while running.peek().is_some_and(|over| over.0 <= began) {
            running.pop();
        }
        running.push(Reverse(job.queued_at.plus(wait).plus(job.duration)));
        if job.queued_at < from {
            continue;
        }
        outcome.peak = outcome.peak.max(running.len() as u64);
        outcome.waited(wait, setting.slo);
        outcome.launches += 1;
        outcome.preparations += u64::from(!wait.is_zero());
        outcome.oracle_secs += (job.duration + boot).as_secs_f64();
        outcome.bill_secs += (job.duration + boot + wait).as_secs_f64();
    }
    outcome
}
