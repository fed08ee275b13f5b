//! A distribution that is kept in numbers and seldom asked. A table of counts has a place for each
//! bucket, some kilobytes, of which most minutes of most series fill one or two.

use super::{Bucket, Histogram, VALUE_MAX};

/// The occupied buckets of a [`Histogram`]: 16 bytes each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// The lowest value that each bucket holds, rising, and how many values it does.
    buckets: Box<[Bucket]>,
    sum: u64,
    min: u64,
    max: u64,
}

impl Packed {
    /// How many values are at most `bound`, to the precision of a bucket.
    pub fn count_up_to(&self, bound: u64) -> u64 {
        let within = self.buckets.iter().take_while(|(lowest, _)| *lowest <= bound.min(VALUE_MAX));
        within.map(|(_, times)| times).sum()
    }
}

impl Histogram {
    /// The same, as small as can be.
    pub fn packed(&self) -> Packed {
        let lowest = |value| self.counts.lowest_equivalent(value);
        let recorded = self.counts.iter_recorded();
        let buckets = recorded
            .map(|step| (lowest(step.value_iterated_to()), step.count_at_value()))
            .collect();
        Packed { buckets, sum: self.sum, min: self.min, max: self.max }
    }

    /// Counts everything that was packed.
    pub fn merge_packed(&mut self, packed: &Packed) {
        for (value, times) in &packed.buckets {
            self.counts.record_n(*value, *times).expect("the histogram resizes itself");
        }
        self.sum = self.sum.saturating_add(packed.sum);
        self.min = self.min.min(packed.min);
        self.max = self.max.max(packed.max);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_answers_as_before() {
        for values in
            [&[][..], &[0], &[7, 7, 300], &[127, 128, 129, 300, 301, 302, 90_000, u64::MAX]]
        {
            let counted: Histogram = values.iter().copied().collect();
            let packed = counted.packed();
            let mut again = Histogram::new();
            again.merge_packed(&packed);
            assert_eq!(again, counted, "{values:?}");
            assert_eq!(again.percentile(95), counted.percentile(95));
            for bound in [0, 7, 128, 299, 300, 301, 89_900, 90_000, VALUE_MAX, u64::MAX] {
                let count = packed.count_up_to(bound);
                assert_eq!(count, counted.count_up_to(bound), "{values:?} up to {bound}");
            }
        }
    }
}
