//! How long jobs waited.

use serde::{Deserialize, Serialize};

/// Waits of a set of jobs, those included that still wait.
///
/// A job that got its runner is an event at its wait; one that still waits, or was cancelled while
/// it waited, is known to have waited at least so long. The distribution is the Kaplan-Meier
/// estimate of both, which without the latter is the plain distribution. A percentile is the least
/// wait that this share of the jobs did not exceed (nearest rank).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Wait {
    /// Mean; up to the longest wait known where that job still waits ([`WaitMethod::AtLeast`]).
    pub mean: Option<f64>,
    /// Half of the jobs wait no longer.
    pub p50: Option<f64>,
    /// 90 % of them.
    pub p90: Option<f64>,
    /// 95 % of them.
    pub p95: Option<f64>,
    /// 99 % of them; as of each percentile, `None` where too many still wait to know it.
    pub p99: Option<f64>,
    /// The longest wait of a job that got its runner.
    pub max: Option<f64>,
    /// Jobs whose wait is known to its end.
    pub known: u64,
    /// Jobs that waited at least so long: they wait still, or were cancelled.
    pub censored: u64,
    /// How it was found.
    pub method: WaitMethod,
}

/// How a [`Wait`] was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitMethod {
    /// No wait is known.
    #[default]
    None,
    /// All waits are known to their ends.
    Observed,
    /// Some are censored: Kaplan-Meier.
    KaplanMeier,
    /// The same, and the longest is censored: the mean is a lower bound.
    AtLeast,
}
