//! Goes on where the last process was.

use alarms::notify::{Memory as Told, Notifier};
use alarms::{Engine, Standing, State, Transition};
use local::StoreError;
use local::news::Change;
use std::io;

use super::{Memory, Watch};
use crate::http::App;
use crate::notify::Ids;

/// Why nothing is known of the past.
#[derive(Debug, thiserror::Error)]
pub(super) enum RestoreError {
    /// The store cannot be read.
    #[error("the store cannot be read")]
    Store(#[from] StoreError),
    /// There is no randomness for ids.
    #[error("the system gives no randomness")]
    Random(#[from] io::Error),
}

impl Watch {
    /// From what is stored.
    pub(super) fn restore(&self, app: &App) -> Result<Memory, RestoreError> {
        let stood: Vec<Standing> = app.reader.standings()?.iter().filter_map(standing).collect();
        let told = app.reader.notifier()?.map_or_else(Told::default, |text| told(&text));
        Ok(Memory {
            engine: Engine::new(self.rules.clone(), stood.clone()),
            notifier: Notifier::new(self.policy.clone(), told),
            ids: Ids::random()?,
            stood: Some(stood),
        })
    }
}

/// How an alarm stands since a change. What cannot be read is looked at as if it were new.
fn standing(change: &Change) -> Option<Standing> {
    match serde_json::from_str::<Transition>(&change.text) {
        Ok(transition) => Some(Standing {
            state: transition.to,
            since: transition.at,
            began_at: (transition.to == State::Alarm).then_some(transition.since),
            seen_at: transition.at,
            value: None,
            figures: transition.figures,
            reason: transition.reason,
            alarm: transition.alarm,
            pool: transition.pool,
        }),
        Err(error) => {
            tracing::warn!(%error, alarm = change.alarm, "an alarm's last change cannot be read");
            None
        }
    }
}

fn told(text: &str) -> Told {
    serde_json::from_str(text).unwrap_or_else(|error| {
        tracing::warn!(%error, "whom was told what cannot be read: what holds is told anew");
        Told::default()
    })
}
