//! The stored form of a few values, without counting them in a table first: most minutes of most
//! series hold one or two.

use super::{Histogram, Stored, VALUE_MAX};

impl Histogram {
    /// What `values` would be stored as if they were all that was counted; sorts them. `self` only
    /// lends its buckets.
    pub fn text_of(&self, values: &mut [u64]) -> String {
        for value in values.iter_mut() {
            *value = (*value).min(VALUE_MAX);
        }
        values.sort_unstable();
        let sum = values.iter().fold(0_u64, |sum, value| sum.saturating_add(*value));
        let (min, max) = (values.first().copied(), values.last().copied());
        let (min, max) = (min.unwrap_or(0), max.unwrap_or(0));
        let is_same = |a: &u64, b: &u64| self.counts.equivalent(*a, *b);
        let buckets = values
            .chunk_by(is_same)
            .map(|same| {
                let middle = self.counts.median_equivalent(same[0]);
                (middle.clamp(min, max), same.len() as u64)
            })
            .collect();
        Stored { sum, min, max, buckets }.to_text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_values_are_stored_as_if_they_had_been_counted() {
        let lent = Histogram::new();
        for values in [
            &[][..],
            &[0],
            &[7, 7],
            &[127, 128, 129, 130, 5_000],
            &[86_400, 86_401, 1, 86_399, 3_600, 3_601],
            &[u64::MAX, 1 << 41, 12],
        ] {
            let counted: Histogram = values.iter().copied().collect();
            assert_eq!(lent.text_of(&mut values.to_vec()), counted.to_text(), "{values:?}");
        }
    }
}
