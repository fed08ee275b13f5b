//! How one alarm of one pool stands, and what it means that this changed.

use model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Severity, State};

/// How one alarm stands, of one pool or of the fleet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// The alarm's name.
    pub alarm: String,
    /// The pool; `None` for an alarm of the fleet.
    pub pool: Option<String>,
    /// How it stands.
    pub state: State,
    /// Since when it stands so: when the state was entered.
    pub since: Timestamp,
    /// When the oldest period began that made it fire; `None` where it does not.
    pub began_at: Option<Timestamp>,
    /// When it was looked at last.
    pub seen_at: Timestamp,
    /// The value that was compared last; `None` where it was missing, or of an alarm over alarms.
    pub value: Option<f64>,
    /// Figures for whoever looks.
    pub figures: Vec<Figure>,
    /// Why it stands so, as a sentence.
    pub reason: String,
}

/// A figure beside its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// What it is: `jobs waiting`.
    pub label: String,
    /// How much; `None` where nothing is known.
    pub value: Option<f64>,
    /// CloudWatch's unit of the metric: `Count`, `Seconds`, `Milliseconds`, `Percent`.
    pub unit: String,
}

/// An alarm of a pool, or of the fleet, that changed its state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transition {
    /// The alarm's name.
    pub alarm: String,
    /// The pool; `None` for an alarm of the fleet.
    pub pool: Option<String>,
    /// Whom it concerns.
    pub severity: Severity,
    /// The alarm that tells of this one, if there is one.
    pub part_of: Option<String>,
    /// How it stood.
    pub from: State,
    /// How it stands now.
    pub to: State,
    /// When that was seen.
    pub at: Timestamp,
    /// When what is told began: of an alarm that fires, the oldest period that breached; of one that
    /// fires no more, when it began to. `at - since` is how long it lasted.
    pub since: Timestamp,
    /// Figures of the last period.
    pub figures: Vec<Figure>,
    /// Why, as a sentence.
    pub reason: String,
}

impl Transition {
    /// Whether somebody is to be told: it begins or ends to fire, and no other alarm tells of it.
    pub fn is_told(&self) -> bool {
        let fires = self.to == State::Alarm || self.from == State::Alarm;
        fires && self.part_of.is_none()
    }
}
