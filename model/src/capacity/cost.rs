//! What runners cost, and what part of them could be spot instances.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What instances cost. Without a price the report tells runner-hours alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Prices {
    /// Such as `USD`.
    pub currency: String,
    /// An hour of a running on-demand instance; `None` where nobody told.
    pub per_hour: Option<f64>,
    /// The same of pools that have a price of their own.
    pub per_hour_by_pool: BTreeMap<String, f64>,
    /// A stopped instance, as a part of a running one.
    pub stopped_part: f64,
    /// Spot instances; `None` where nobody told their price.
    pub spot: Option<SpotPrices>,
}

impl Prices {
    /// An hour of a running on-demand instance of this pool.
    pub fn per_hour_of(&self, pool: &str) -> Option<f64> {
        self.per_hour_by_pool.get(pool).copied().or(self.per_hour)
    }
}

/// What spot instances cost, and how often they are taken away.
///
/// A job of length L that starts again whenever its instance is taken away occupies spot instances
/// for `(exp(hL) - 1) / h` on average. It suits spot while that, at the price of spot and with the
/// time by which it is over later counted at `patience`, costs less than L on demand.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpotPrices {
    /// A spot instance, as a part of an on-demand one, 0..1.
    pub part: f64,
    /// h: interruptions an hour of a running instance; an assumption of the reader's, not measured.
    pub hazard_per_hour: f64,
    /// Seconds of an instance that a second of a job's delay is worth.
    pub patience: f64,
    /// The job length from which on demand is cheaper; `None` where no job of 5 days or less is
    /// too long.
    pub long_job_secs: Option<f64>,
}

/// What a set of jobs cost in the period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Hours with a runner.
    pub runner_hours: f64,
    /// All of them on demand; `None` without a price.
    pub on_demand: Option<f64>,
    /// The same hours split; `None` without the price of spot.
    pub spot: Option<SpotSplit>,
}

/// Short jobs on spot, long ones on demand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SpotSplit {
    /// Hours of jobs short enough for spot.
    pub spot_hours: f64,
    /// Hours of longer jobs, which should stay on demand.
    pub long_hours: f64,
    /// Jobs that are that long.
    pub long_jobs: u64,
    /// What the long ones cost on demand; `None` without a price.
    pub long_on_demand: Option<f64>,
    /// What the short ones are expected to cost on spot, repeated work included; `None` without a
    /// price.
    pub short_on_spot: Option<f64>,
    /// The sum of these two; `None` without a price.
    pub mixed: Option<f64>,
}
