//! AWS, as far as commands and `serve` ask it.
//!
//! A build without the feature `aws` has the same functions: whoever wants to reach AWS is told how
//! to build Headroom with it.

#[cfg(not(feature = "aws"))]
mod absent;
#[cfg(feature = "aws")]
mod checkup;
#[cfg(feature = "aws")]
mod real;
#[cfg(feature = "aws")]
mod scaled;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::Timestamp;
use serde_json::Value;

#[cfg(not(feature = "aws"))]
pub use absent::{Cloud, ScaledGroups};
#[cfg(feature = "aws")]
pub use real::Cloud;
#[cfg(feature = "aws")]
pub use scaled::ScaledGroups;

/// A log group of AWS, and the stream that `serve` writes into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// The group.
    pub group: String,
    /// The stream.
    pub name: String,
}

/// An alarm that is there.
#[derive(Clone, Debug)]
pub struct Known {
    /// What it was put with, without tags.
    pub input: Value,
    /// Its name for tags.
    pub arn: String,
    /// How it stands.
    pub state: String,
}

/// The alarms that are there, by name.
pub type KnownAlarms = BTreeMap<String, Known>;

/// What is known of a log group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// How long events are kept; `None`: for ever.
    pub retention_days: Option<u32>,
    /// Whether metrics are taken out of EMF lines: only in the class Standard.
    pub is_standard: bool,
}

/// An Auto Scaling group as it is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScaledGroup {
    /// Its name.
    pub name: String,
    /// Its own minimum.
    pub min: u32,
    /// Whether new instances are protected from scale-in.
    pub is_protected: bool,
    /// The processes that are suspended.
    pub suspended: BTreeSet<String>,
    /// Whether a hook holds up what starts.
    pub has_launch_hook: bool,
    /// Instances that wait for the answer to a hook.
    pub at_hook: usize,
}

/// Names of parameters, and when each was put.
pub type Lying = Vec<(String, Option<Timestamp>)>;

/// Lines of a log group of which no metrics could be made, in the last day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unusable {
    /// No JSON, or none of EMF's.
    pub unparsed: f64,
    /// EMF beyond CloudWatch's limits.
    pub invalid: f64,
}

/// How far this clock is ahead of AWS's or behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skew {
    /// Ahead, or not at all.
    Ahead(Duration),
    /// Behind.
    Behind(Duration),
}

impl Skew {
    /// Of a clock that shows `now` when the other shows `there`.
    #[cfg_attr(not(feature = "aws"), expect(dead_code, reason = "nobody says what AWS shows"))]
    pub fn of(now: Timestamp, there: Timestamp) -> Skew {
        match now.since(there) {
            Some(ahead) => Skew::Ahead(ahead),
            None => Skew::Behind(there.saturating_since(now)),
        }
    }
}

/// AWS did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[error("{said}")]
pub struct Trouble {
    /// What went wrong.
    pub said: String,
    /// What to do about it.
    pub hint: Option<String>,
}
