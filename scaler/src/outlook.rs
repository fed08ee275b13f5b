//! What demand is to be expected, and what it asks to be held ready: the model's answer for one
//! instant, in figures.

use model::Timestamp;
use serde::{Deserialize, Serialize};

/// The expectation at one instant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outlook {
    /// Whether the model has seen enough to be believed; until then nothing is held by it.
    pub learned: bool,
    /// Bursts of jobs that are expected in an hour: the blend of the next two.
    pub bursts_per_hour: f64,
    /// As it was of late.
    pub recent_per_hour: f64,
    /// As it is usual at this hour of the week.
    pub usual_per_hour: f64,
    /// Jobs of a burst in the mean.
    pub burst_jobs: f64,
    /// Stopped instances.
    pub stopped: Wanted,
    /// Running instances without a job.
    pub hot: Wanted,
    /// The most stopped instances that were wanted within the time for which surplus ones are held.
    pub stopped_held: u32,
    /// Without news the answer is the same before this instant.
    pub same_until: Option<Timestamp>,
}

/// How many instances are worth holding, and how close the decision was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// How many.
    pub instances: u32,
    /// How often a day the last of them is expected to be used.
    pub last_used_per_day: f64,
    /// How often a day one more would be used.
    pub next_used_per_day: f64,
    /// How often a day an instance must be used to be worth holding.
    pub worth_per_day: f64,
}
