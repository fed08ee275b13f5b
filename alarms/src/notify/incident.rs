//! What is wrong with one pool, or with the fleet: alarms that fire or fired, as one thing.

use std::collections::BTreeMap;

use model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Figure, Severity, Standing, State, Transition};

/// One incident.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Incident {
    /// Every alarm that fired since it began, by name.
    pub(super) alarms: BTreeMap<String, Ongoing>,
}

/// One alarm of an incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Ongoing {
    pub(super) severity: Severity,
    pub(super) state: State,
    /// When it fired first.
    pub(super) fired_at: Timestamp,
    /// When it came to stand as it does.
    pub(super) changed_at: Timestamp,
    /// What was counted when it fired first.
    pub(super) then: Said,
    /// What was counted when it changed last.
    pub(super) now: Said,
}

/// What is counted at one time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// Figures by name.
    pub figures: Vec<Figure>,
    /// Why the alarm stands as it does, as a sentence.
    pub reason: String,
}

impl From<&Standing> for Said {
    fn from(standing: &Standing) -> Self {
        Said { figures: standing.figures.clone(), reason: standing.reason.clone() }
    }
}

impl Incident {
    /// Takes a change in.
    pub(super) fn take(&mut self, change: &Transition) {
        let said = Said { figures: change.figures.clone(), reason: change.reason.clone() };
        match self.alarms.get_mut(&change.alarm) {
            Some(ongoing) => {
                ongoing.severity = change.severity;
                ongoing.state = change.to;
                ongoing.changed_at = change.at;
                ongoing.now = said;
            }
            None if change.to == State::Alarm => {
                let ongoing = Ongoing {
                    severity: change.severity,
                    state: change.to,
                    fired_at: change.at,
                    changed_at: change.at,
                    then: said.clone(),
                    now: said,
                };
                self.alarms.insert(change.alarm.clone(), ongoing);
            }
            None => {}
        }
    }

    /// Alarms of severities that somebody is told of.
    pub(super) fn relevant(
        &self,
        tells: impl Fn(Severity) -> bool,
    ) -> impl Iterator<Item = (&str, &Ongoing)> {
        let relevant = self.alarms.iter().filter(move |(_, ongoing)| tells(ongoing.severity));
        relevant.map(|(name, ongoing)| (name.as_str(), ongoing))
    }
}

impl Ongoing {
    /// Whether it is not over. One of which nothing is known any more is not over.
    pub(super) fn is_open(&self) -> bool {
        self.state != State::Ok
    }
}
