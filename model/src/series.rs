//! Points of one metric over a stretch of time, and their statistics by CloudWatch's rules.

use crate::{Histogram, Quantity, Statistic};

/// Everything that was observed of one series in one period. Aggregates merge.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Aggregate {
    /// Number of observations.
    pub samples: u64,
    /// Their sum, in the unit of the metric.
    pub sum: u64,
    /// The largest.
    pub max: u64,
    /// The last, which is what a level is at the end of the period.
    pub last: u64,
    /// The distribution, of a timing.
    pub histogram: Option<Histogram>,
}

impl Aggregate {
    /// Takes one more observation in.
    pub fn observe(&mut self, quantity: &Quantity) {
        match quantity {
            Quantity::Add(value) | Quantity::Is(value) => self.scalar(*value),
            Quantity::Took(value) => {
                self.scalar(*value);
                self.histogram.get_or_insert_default().record(*value);
            }
            Quantity::Distribution(histogram) => self.distribution(histogram),
        }
    }

    fn scalar(&mut self, value: u64) {
        self.samples += 1;
        self.sum = self.sum.saturating_add(value);
        self.max = self.max.max(value);
        self.last = value;
    }

    fn distribution(&mut self, histogram: &Histogram) {
        self.samples += histogram.len();
        self.sum = self.sum.saturating_add(histogram.sum());
        self.max = self.max.max(histogram.max().unwrap_or(0));
        self.last = self.max;
        self.histogram.get_or_insert_default().merge(histogram);
    }

    /// Takes in everything that a later period observed.
    pub fn merge(&mut self, later: &Aggregate) {
        self.samples += later.samples;
        self.sum = self.sum.saturating_add(later.sum);
        self.max = self.max.max(later.max);
        if later.samples > 0 {
            self.last = later.last;
        }
        if let Some(histogram) = &later.histogram {
            self.histogram.get_or_insert_default().merge(histogram);
        }
    }

    /// One statistic; `None` when nothing was observed, or for a percentile or share without distribution.
    pub fn statistic(&self, statistic: Statistic) -> Option<f64> {
        if self.samples == 0 {
            return None;
        }
        match statistic {
            Statistic::Sum => Some(as_f64(self.sum)),
            Statistic::Average => Some(as_f64(self.sum) / as_f64(self.samples)),
            Statistic::Maximum => Some(as_f64(self.max)),
            Statistic::SampleCount => Some(as_f64(self.samples)),
            Statistic::Percentile(percent) => {
                self.histogram.as_ref()?.percentile(percent).map(as_f64)
            }
            Statistic::ShareUpTo(bound) => {
                let within = self.histogram.as_ref()?.count_up_to(bound);
                Some(100.0 * as_f64(within) / as_f64(self.samples))
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "statistics beyond 2^53 lose nothing that matters")]
fn as_f64(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[u64]) -> Aggregate {
        let mut aggregate = Aggregate::default();
        for value in values {
            aggregate.observe(&Quantity::Took(*value));
        }
        aggregate
    }

    #[test]
    fn statistics_follow_cloudwatchs_definitions() {
        let waits = of(&[1, 2, 3, 94]);
        assert_eq!(waits.statistic(Statistic::Sum), Some(100.0));
        assert_eq!(waits.statistic(Statistic::Average), Some(25.0));
        assert_eq!(waits.statistic(Statistic::Maximum), Some(94.0));
        assert_eq!(waits.statistic(Statistic::SampleCount), Some(4.0));
        assert_eq!(waits.statistic(Statistic::Percentile(50)), Some(2.0));
        assert_eq!(waits.statistic(Statistic::ShareUpTo(2)), Some(50.0));
        assert_eq!(waits.statistic(Statistic::ShareUpTo(0)), Some(0.0));
    }

    #[test]
    fn two_periods_merge_into_one() {
        let mut first = of(&[5, 1]);
        first.merge(&of(&[]));
        first.merge(&of(&[2]));
        assert_eq!(first, of(&[5, 1, 2]));
    }

    #[test]
    fn nothing_observed_has_no_statistic() {
        assert_eq!(Aggregate::default().statistic(Statistic::Sum), None);
        let mut counted = Aggregate::default();
        counted.observe(&Quantity::Add(1));
        assert_eq!(counted.statistic(Statistic::Percentile(95)), None);
    }
}
