//! The jobs of a pool by repository, workflow, runner group and hour of the week.

use serde::{Deserialize, Serialize};

use super::{Cost, Wait};

/// One row for each value of something, the one with the most jobs first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// The rows.
    pub rows: Vec<Row>,
    /// All that has no row of its own, as one; `None` where each value has its row.
    pub other: Option<Row>,
    /// How many values share [`Table::other`], at least.
    pub others: u64,
}

/// The jobs of one repository, workflow or runner group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Its name; `(unknown)` where events do not tell it.
    pub name: String,
    /// Jobs that asked for a runner in the period.
    pub jobs: u64,
    /// Their waits in seconds, to 0.5 % and at least half a second.
    pub wait_secs: Wait,
    /// The share of them that waited no longer than the objective; `None` without a known wait.
    pub within_slo: Option<f64>,
    /// Hours with a runner within the period.
    pub runner_hours: f64,
    /// What these cost.
    pub cost: Cost,
}

/// One of the 168 hours of the week. They stand in order: Monday 0 h to Sunday 23 h, UTC.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HourOfWeek {
    /// 0 is Monday.
    pub day: u8,
    /// 0..=23.
    pub hour: u8,
    /// Hours of this kind in the period; the first and the last may count in part.
    pub occurrences: f64,
    /// Jobs that asked for a runner in them.
    pub jobs: u64,
    /// Jobs an hour of this kind; `None` where the period has none.
    pub jobs_per_hour: Option<f64>,
    /// Waits of the jobs that asked in them, in seconds, to 0.5 % and at least half a second.
    pub wait_secs: Wait,
    /// The share of them that waited no longer than the objective; `None` without a known wait.
    pub within_slo: Option<f64>,
    /// Jobs with a runner at one time, on average and at most.
    pub running_mean: Option<f64>,
    /// At most.
    pub running_max: Option<u64>,
}
