//! Distributions with a bounded relative error that can be merged, stored and sent.
//!
//! Values are unsigned integers in the unit of the metric. Counting is `hdrhistogram`'s with two
//! significant digits: below 128 each value is its own bucket, above that a bucket is at most 1 %
//! wide. Smallest, largest and sum are kept exactly.

mod few;
mod packed;
mod told;

use hdrhistogram::Histogram as Hdr;
use serde::{Deserialize, Serialize};

pub use packed::Packed;

/// Two significant digits: an error of at most 1 %, and exact below 128.
const SIGNIFICANT_DIGITS: u8 = 2;

/// Larger values are counted as this one: 5 days in milliseconds is 432,000,000, and a job runs at
/// most 5 days on a self-hosted runner.
/// <https://docs.github.com/en/actions/reference/limits>
pub const VALUE_MAX: u64 = 1 << 40;

/// A distribution of unsigned integers.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: Hdr<u64>,
    sum: u64,
    min: u64,
    max: u64,
}

/// A bucket: its representative value and how many values lie in it.
pub type Bucket = (u64, u64);

/// How a histogram is stored: exact edges and sparse buckets.
#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    sum: u64,
    min: u64,
    max: u64,
    buckets: Vec<Bucket>,
}

impl Stored {
    fn to_text(&self) -> String {
        serde_json::to_string(self).expect("integers always serialise")
    }
}

impl Default for Histogram {
    fn default() -> Self {
        let mut counts = Hdr::new(SIGNIFICANT_DIGITS).expect("two significant digits are allowed");
        counts.auto(true);
        Histogram { counts, sum: 0, min: u64::MAX, max: 0 }
    }
}

impl Histogram {
    /// An empty distribution.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts `value` once.
    pub fn record(&mut self, value: u64) {
        self.record_n(value, 1);
    }

    fn record_n(&mut self, value: u64, times: u64) {
        if times == 0 {
            return;
        }
        let value = value.min(VALUE_MAX);
        self.counts.record_n(value, times).expect("the histogram resizes itself");
        self.sum = self.sum.saturating_add(value.saturating_mul(times));
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// Counts everything that `other` counted.
    pub fn merge(&mut self, other: &Histogram) {
        self.counts.add(&other.counts).expect("the histogram resizes itself");
        self.sum = self.sum.saturating_add(other.sum);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// How many values were counted.
    pub fn len(&self) -> u64 {
        self.counts.len()
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// The exact sum.
    pub fn sum(&self) -> u64 {
        self.sum
    }

    /// The exact smallest value.
    pub fn min(&self) -> Option<u64> {
        (!self.is_empty()).then_some(self.min)
    }

    /// The exact largest value.
    pub fn max(&self) -> Option<u64> {
        (!self.is_empty()).then_some(self.max)
    }

    /// Nearest rank: the smallest bucket that `percent` (0..=100) of all values do not exceed.
    pub fn percentile(&self, percent: u8) -> Option<u64> {
        if self.is_empty() {
            return None;
        }
        let edge = self.counts.value_at_percentile(f64::from(percent));
        Some(self.representative(edge))
    }

    /// How many values are at most `bound`, to the precision of a bucket.
    pub fn count_up_to(&self, bound: u64) -> u64 {
        if self.is_empty() {
            return 0;
        }
        self.counts.count_between(0, bound.min(VALUE_MAX))
    }

    /// The occupied buckets in rising order.
    pub fn buckets(&self) -> impl Iterator<Item = Bucket> + '_ {
        self.counts
            .iter_recorded()
            .map(|step| (self.representative(step.value_iterated_to()), step.count_at_value()))
    }

    /// The middle of a bucket, kept within what was really counted.
    fn representative(&self, value: u64) -> u64 {
        self.counts.median_equivalent(value).clamp(self.min, self.max)
    }

    /// Stored form: JSON text.
    pub fn to_text(&self) -> String {
        let buckets = self.buckets().collect();
        let (sum, min, max) = (self.sum, self.min().unwrap_or(0), self.max);
        Stored { sum, min, max, buckets }.to_text()
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When the text is not what [`Histogram::to_text`] writes.
    pub fn from_text(text: &str) -> Result<Self, serde_json::Error> {
        let mut histogram = Histogram::new();
        histogram.merge_text(text)?;
        Ok(histogram)
    }

    /// Counts everything that a stored form holds, without a table of counts of its own.
    ///
    /// # Errors
    /// When the text is not what [`Histogram::to_text`] writes; nothing is counted then.
    pub fn merge_text(&mut self, text: &str) -> Result<(), serde_json::Error> {
        let Stored { sum, min, max, buckets } = serde_json::from_str(text)?;
        for (value, times) in buckets.iter().filter(|(_, times)| *times > 0) {
            let value = (*value).min(VALUE_MAX);
            self.counts.record_n(value, *times).expect("the histogram resizes itself");
        }
        if buckets.iter().any(|(_, times)| *times > 0) {
            self.sum = self.sum.saturating_add(sum);
            self.min = self.min.min(min);
            self.max = self.max.max(max);
        }
        Ok(())
    }
}

impl FromIterator<u64> for Histogram {
    fn from_iter<I: IntoIterator<Item = u64>>(values: I) -> Self {
        let mut histogram = Histogram::new();
        for value in values {
            histogram.record(value);
        }
        histogram
    }
}

impl PartialEq for Histogram {
    fn eq(&self, other: &Self) -> bool {
        (self.sum, self.min, self.max) == (other.sum, other.min, other.max)
            && self.counts == other.counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_values_are_exact_and_large_ones_within_one_per_cent() {
        let histogram: Histogram = (1..=100).collect();
        assert_eq!(histogram.percentile(50), Some(50));
        assert_eq!(histogram.percentile(95), Some(95));
        for value in [150, 999, 3_600, 86_400, 432_000_000] {
            let mut one: Histogram = [0, value, value * 3].into_iter().collect();
            one.merge(&Histogram::new());
            let middle = one.percentile(50).unwrap();
            assert!(middle.abs_diff(value) * 100 <= value, "{value} read back as {middle}");
        }
    }

    #[test]
    fn merging_is_counting_together_and_storing_keeps_all() {
        let (a, b): (Vec<u64>, Vec<u64>) = ((0..500).collect(), (400..9_000).step_by(7).collect());
        let mut merged: Histogram = a.iter().copied().collect();
        merged.merge(&b.iter().copied().collect());
        let together: Histogram = a.iter().chain(&b).copied().collect();
        assert_eq!(merged, together);
        let stored = Histogram::from_text(&merged.to_text()).unwrap();
        assert_eq!(stored.to_text(), merged.to_text());
        assert_eq!(stored.percentile(95), merged.percentile(95));
        let mut read: Histogram = a.iter().copied().collect();
        read.merge_text(&b.iter().copied().collect::<Histogram>().to_text()).unwrap();
        read.merge_text(&Histogram::new().to_text()).unwrap();
        assert_eq!(read, together);
    }

    #[test]
    fn an_empty_distribution_has_no_percentile() {
        let empty = Histogram::new();
        assert_eq!((empty.percentile(95), empty.min(), empty.max()), (None, None, None));
        assert_eq!(Histogram::from_text(&empty.to_text()).unwrap(), empty);
    }

    #[test]
    fn what_is_too_large_is_counted_at_the_edge() {
        let huge: Histogram = [u64::MAX, 1].into_iter().collect();
        assert_eq!((huge.len(), huge.max()), (2, Some(VALUE_MAX)));
    }
}
