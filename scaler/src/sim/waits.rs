//! How long jobs waited: counts by rounded wait, so that memory does not grow with the jobs.

use std::collections::BTreeMap;
use std::time::Duration;

/// Waits are counted in steps of this up to [`FINE_MS_MAX`], above that in steps of 0.1 %.
const FINE_STEP_MS: u64 = 100;

/// A tenth of a second is 0.1 % of a hundred.
const FINE_MS_MAX: u64 = 100_000;

/// A distribution of waits that can be merged. The mean is exact; percentiles are off by 0.1 % or
/// 0.05 s at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    counts: BTreeMap<u64, u64>,
    jobs: u64,
    sum_ms: u64,
}

impl Waits {
    /// Counts one.
    pub fn record(&mut self, wait: Duration) {
        let ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        *self.counts.entry(rounded(ms)).or_default() += 1;
        self.jobs += 1;
        self.sum_ms = self.sum_ms.saturating_add(ms);
    }

    /// Counts those of `other` too.
    pub fn merge(&mut self, other: &Waits) {
        for (ms, jobs) in &other.counts {
            *self.counts.entry(*ms).or_default() += jobs;
        }
        self.jobs += other.jobs;
        self.sum_ms = self.sum_ms.saturating_add(other.sum_ms);
    }

    /// How many were counted.
    pub fn jobs(&self) -> u64 {
        self.jobs
    }

    /// Their mean in seconds; zero without any.
    #[expect(clippy::cast_precision_loss, reason = "a figure for reading")]
    pub fn mean_secs(&self) -> f64 {
        self.sum_ms as f64 / 1000.0 / self.jobs.max(1) as f64
    }

    /// The least wait in seconds that this percentage of the jobs did not exceed (nearest rank);
    /// zero without any.
    #[expect(clippy::cast_precision_loss, reason = "a figure for reading")]
    pub fn percentile_secs(&self, percent: u8) -> f64 {
        let rank = (self.jobs * u64::from(percent.min(100))).div_ceil(100).max(1);
        let mut seen = 0;
        let found = self.counts.iter().find(|(_, jobs)| {
            seen += **jobs;
            seen >= rank
        });
        found.map_or(0.0, |(ms, _)| *ms as f64 / 1000.0)
    }

    /// The part of the jobs that waited for longer than `bound`.
    #[expect(clippy::cast_precision_loss, reason = "a figure for reading")]
    pub fn share_above(&self, bound: Duration) -> f64 {
        let bound = rounded(u64::try_from(bound.as_millis()).unwrap_or(u64::MAX));
        let above: u64 = self.counts.range(bound + 1..).map(|(_, jobs)| jobs).sum();
        above as f64 / self.jobs.max(1) as f64
    }
}

fn rounded(ms: u64) -> u64 {
    let mut step = FINE_STEP_MS;
    let mut max = FINE_MS_MAX;
    while ms >= max {
        (step, max) = (step.saturating_mul(10), max.saturating_mul(10));
        if max == u64::MAX {
            break;
        }
    }
    let step = if ms >= FINE_MS_MAX { step / 10 } else { step };
    ms.saturating_add(step / 2) / step * step
}
