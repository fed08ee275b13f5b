//! How long jobs waited: counts by rounded wait, so that memory does not grow with the jobs.

use std::collections::BTreeMap;
use std::time::Duration;

/// Waits are counted in steps of this, and those above a thousand seconds in steps of 0.1 % or less:
/// so there are at most 10,000 different ones, and as many for each further power of ten.
const FINE_STEP_MS: u64 = 100;

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

    /// Each wait in milliseconds, rounded, and how many were of that length; shortest first.
    pub fn counts(&self) -> impl Iterator<Item = (u64, u64)> {
        self.counts.iter().map(|(ms, jobs)| (*ms, *jobs))
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
    let step = FINE_STEP_MS.max(10_u64.pow(ms.max(1).ilog10()) / 1000);
    ms.saturating_add(step / 2) / step * step
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "waits of whole seconds are exact")]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_sorted_waits_but_for_rounding() {
        let mut waits = Waits::default();
        let mut all: Vec<u64> = (0..2000).map(|n| n * n * 7 + n % 13).collect();
        for ms in &all {
            waits.record(Duration::from_millis(*ms));
        }
        all.sort_unstable();
        for percent in [1_u8, 50, 90, 95, 99, 100] {
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            let expected = all[usize::from(percent) * 20 - 1] as f64 / 1000.0;
            let found = waits.percentile_secs(percent);
            let tolerance = 0.05 + expected * 0.001;
            assert!((found - expected).abs() <= tolerance, "{percent} %: {found}, not {expected}");
        }
    }

    #[test]
    fn merged_waits_are_those_of_both() {
        let (mut one, mut both) = (Waits::default(), Waits::default());
        for secs in [3, 123, 28] {
            one.record(Duration::from_secs(secs));
        }
        both.merge(&one);
        both.merge(&one);
        assert_eq!((both.jobs(), both.mean_secs()), (6, one.mean_secs()));
        assert_eq!(both.percentile_secs(50), 28.0);
        assert_eq!(both.share_above(Duration::from_secs(28)), 1.0 / 3.0);
    }
}
