//! Who is told what, and how often.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::Severity;

/// How people want to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Incidents that begin within this time share one message.
    pub group: Duration,
    /// How long an incident lasts before it is told of again.
    pub repeat: Duration,
    /// How long everything must be calm before an incident is over. What fires again meanwhile
    /// belongs to the same incident.
    pub calm: Duration,
    /// Severities that each target is told of, by its name.
    pub targets: BTreeMap<String, BTreeSet<Severity>>,
}

/// However often an incident comes back, its end is told after this at the latest.
pub(super) const CALM_MAX: Duration = Duration::from_hours(1);

/// An incident that begins within this time after the last of its pool has come back.
pub(super) const COMES_BACK: Duration = Duration::from_hours(1);

impl Default for Policy {
    fn default() -> Self {
        Policy {
            group: Duration::from_secs(30),
            repeat: Duration::from_hours(4),
            calm: Duration::from_mins(5),
            targets: BTreeMap::new(),
        }
    }
}

impl Policy {
    /// How long everything must be calm where an incident has come back so many times: twice as
    /// long each time, so that what flaps is one long incident and not many short ones.
    pub(super) fn calm_after(&self, returns: u32) -> Duration {
        let longer = self.calm.saturating_mul(1 << returns.min(16));
        longer.min(CALM_MAX.max(self.calm))
    }

    pub(super) fn tells(&self, target: &str, severity: Severity) -> bool {
        self.targets.get(target).is_some_and(|severities| severities.contains(&severity))
    }
}
