//! Looks at the alarms when a minute is over, remembers how they stand, and tells whoever is to be
//! told.
//!
//! What a look made known, and the notifications that tell of it, are one transaction: a process that
//! is killed before it looks again, one that is killed after it has told. What is decided in memory
//! counts only once that is on the disk; otherwise it is read anew and looked at again.

mod facts;
mod look;
mod restore;
mod source;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use alarms::notify::{Links, Notifier, Policy};
use alarms::{Alarm, Engine, Rules, Standing};
use model::Timestamp;
use tokio::sync::Mutex as AsyncMutex;
use tokio::time::{MissedTickBehavior, interval};

use crate::clock::Clock;
use crate::http::App;
use crate::notify::Ids;

pub use look::look;

/// Between two looks at the clock.
const BEAT: Duration = Duration::from_secs(1);

/// The same where a player moves the clock by hours within a second.
const BEAT_OF_PLAYER: Duration = Duration::from_millis(50);

/// All alarms.
#[derive(Debug)]
pub struct Watch {
    rules: Rules,
    policy: Policy,
    links: Links,
    /// None until it is read from the store, and after what it said could not be stored.
    memory: AsyncMutex<Option<Memory>>,
    seen: Mutex<Arc<Seen>>,
}

/// What is known from one look to the next.
#[derive(Debug)]
struct Memory {
    engine: Engine,
    notifier: Notifier,
    ids: Ids,
    /// How alarms stood that the last process knew, until the first look.
    stood: Option<Vec<Standing>>,
}

/// What the last look saw.
#[derive(Debug, Default)]
pub struct Seen {
    /// The end of the last minute that was looked at; none before the first.
    pub at: Option<Timestamp>,
    /// How every alarm stands, by name and pool.
    pub standings: Vec<Standing>,
    /// When there is something to tell although nothing changes.
    next_at: Option<Timestamp>,
}

impl Watch {
    /// Of these alarms, telling people like this.
    pub fn new(rules: Rules, policy: Policy, links: Links) -> Self {
        Watch { rules, policy, links, memory: AsyncMutex::default(), seen: Mutex::default() }
    }

    /// The alarms that are looked at.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// An alarm as it is for a pool, or for the fleet.
    pub fn alarm(&self, name: &str, pool: Option<&str>) -> Option<&Alarm> {
        match pool {
            Some(pool) => self.rules.of_pool(pool).find(|alarm| alarm.name == name),
            None => self.rules.of_fleet().find(|alarm| alarm.name == name),
        }
    }

    /// What the last look saw.
    pub fn seen(&self) -> Arc<Seen> {
        Arc::clone(&self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn see(&self, seen: Seen) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(seen);
    }

    /// Whether there is something to do: a minute is over, or somebody is to be told.
    fn is_due(&self, now: Timestamp) -> bool {
        let seen = self.seen();
        seen.at != Some(now.minute()) || seen.next_at.is_some_and(|at| at <= now)
    }
}

/// Looks when there is something to do, until the task is ended.
pub async fn run(app: Arc<App>) {
    let mut beat = interval(match app.clock {
        Clock::System => BEAT,
        Clock::Driven(_) => BEAT_OF_PLAYER,
    });
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        let now = app.clock.now();
        if app.watch.is_due(now) {
            look(&app, now).await;
        }
    }
}

#[cfg(test)]
mod tests;
