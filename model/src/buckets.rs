//! The bounds of the buckets in which `/metrics` tells a timing.
//!
//! Whoever asks Prometheus how many durations stayed within a bound can only ask for one of these;
//! CloudWatch and the store answer for any bound.

use std::time::Duration;

use crate::{Spec, Unit};

/// Upper bounds of waits, durations and boot times, in seconds.
const SECONDS: [f64; 16] = [
    1.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0, 7200.0, 14400.0,
    43200.0, 86400.0,
];

/// Upper bounds of lags, in seconds.
const MILLISECONDS: [f64; 12] =
    [0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 3600.0];

impl Spec {
    /// The upper bounds of its buckets in Prometheus, in seconds and rising.
    pub fn buckets(&self) -> &'static [f64] {
        match self.unit {
            Unit::Milliseconds => &MILLISECONDS,
            Unit::Seconds | Unit::Count => &SECONDS,
        }
    }

    /// Whether `bound`, in the unit of the metric, is the bound of a bucket.
    pub fn has_bucket(&self, bound: u64) -> bool {
        let per_second = self.unit.per_second().unwrap_or(1);
        let asked = Duration::from_millis(bound.saturating_mul(1000 / per_second));
        self.buckets().iter().any(|secs| Duration::from_secs_f64(*secs) == asked)
    }
}

#[cfg(test)]
mod tests {
    use crate::catalogue as c;

    #[test]
    fn a_bound_is_a_bucket_in_the_unit_of_its_metric() {
        assert!(c::JOB_WAIT.0.has_bucket(300) && !c::JOB_WAIT.0.has_bucket(301));
        assert!(c::DELIVERY_LAG.0.has_bucket(100) && !c::DELIVERY_LAG.0.has_bucket(15_000));
    }
}
