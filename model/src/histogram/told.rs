//! Distributions that somebody else counted: made of buckets, and joined with what is known.

use super::{Bucket, Histogram, VALUE_MAX};

impl Histogram {
    /// What these buckets say; `min` and `max` are exact.
    pub fn from_buckets(buckets: impl IntoIterator<Item = Bucket>, min: u64, max: u64) -> Self {
        let mut histogram = Histogram::new();
        for (value, times) in buckets {
            histogram.record_n(value, times);
        }
        if !histogram.is_empty() {
            (histogram.min, histogram.max) = (min.min(VALUE_MAX), max.min(VALUE_MAX));
        }
        histogram
    }

    /// Raises each bucket to what `told` says of it. Unlike [`Histogram::merge`] this may be done
    /// again, and in any order, with the same end: the same news told twice counts once.
    pub fn join(&mut self, told: &Histogram) {
        if told.is_empty() {
            return;
        }
        for (value, times) in told.buckets() {
            let known = self.counts.count_at(value.min(VALUE_MAX));
            self.record_n(value, times.saturating_sub(known));
        }
        self.min = self.min.min(told.min);
        self.max = self.max.max(told.max);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[u64]) -> Histogram {
        values.iter().copied().collect()
    }

    #[test]
    fn what_is_told_twice_counts_once() {
        let (low, high) = (of(&[1, 1, 2]), of(&[90_000, 90_001]));
        let mut known = Histogram::new();
        for told in [&low, &high, &low, &high] {
            known.join(told);
        }
        assert_eq!((known.len(), known.min(), known.max()), (5, Some(1), Some(90_001)));
        assert_eq!(known.percentile(50), Some(2));
    }

    #[test]
    fn buckets_become_the_distribution_they_were_taken_from() {
        let original = of(&[3, 3, 500, 70_000]);
        let again = Histogram::from_buckets(original.buckets(), 3, 70_000);
        assert_eq!(again.buckets().collect::<Vec<_>>(), original.buckets().collect::<Vec<_>>());
        assert_eq!((again.min(), again.max()), (original.min(), original.max()));
        let mut joined = original.clone();
        joined.join(&again);
        assert_eq!(joined, original);
    }
}
