//! What became of the instances of a pool beside the jobs that they ran.

use serde::{Deserialize, Serialize};

/// Instance time without a job, as the scaler's groups counted it: in each hour the average over the
/// looks at the group, for as much of the hour as lies in the period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Waste {
    /// Hours of instances that booted.
    pub boot_hours: f64,
    /// Hours of instances with an idle runner.
    pub idle_hours: f64,
    /// Hours of instances that never got a runner in time.
    pub overdue_hours: f64,
    /// Hours of stopped instances.
    pub stopped_hours: f64,
    /// Hours of the period in which instances were counted.
    pub counted_hours: f64,
    /// What all of it cost, stopped ones at their part of the price; `None` without a price.
    pub cost: Option<f64>,
}

/// From the order of an instance to its runner, in the hours that the period touches. The three
/// stages are told by the agent on the instance; what they leave of the mean passes in the group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Boots {
    /// Boots that ended in a runner.
    pub started: u64,
    /// How long these took, in seconds, on average; `None` where none ended so.
    pub mean_secs: Option<f64>,
    /// 95 % of them took no longer, in whole seconds; `None` where the source does not tell how many
    /// of an hour took no longer than a bound.
    pub p95_secs: Option<f64>,
    /// From the start of the machine to the agent on it, in seconds, on average; as of each stage,
    /// `None` where no agent told.
    pub machine_secs: Option<f64>,
    /// Until the agent has the runner's registration.
    pub config_secs: Option<f64>,
    /// Until the runner listens for its job.
    pub connect_secs: Option<f64>,
    /// Instances that never became runners.
    pub failed: u64,
}
