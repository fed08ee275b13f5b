//! The scaler of each pool, run on threads and published.
//!
//! What it decides is the scaler crate's matter; here it is given its jobs, its group and the
//! present. [`run`] looks at every pool by schedule, and at once at a pool in which a job was
//! queued. Each pool is looked at on its own: trouble with one delays no other.

mod cell;
mod publish;
mod watch;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use local::group::{DryRun, Nature, Shared, Simulated};
use local::{Bell, Journal, Kept, Meter, OpenJobs, Reader, StoreError};
use model::{OTHER_POOL, Timestamp, UNROUTED_POOL};
use scaler::ports::Group;
use scaler::{Decision, Occasion, Policy};

use crate::cloud::ScaledGroups;
use crate::config::{Mode, Scaler as Settings};
use cell::Cell;

pub use watch::{LOOKS_MAX, run};

/// All pools' scalers.
#[derive(Debug)]
pub struct Scaling {
    settings: Settings,
    reader: Arc<Reader>,
    meter: Arc<Meter>,
    journal: Arc<Journal>,
    bell: Arc<Bell>,
    /// Scalers read the store one after another: each for less than a millisecond, and a thousand
    /// at once would open a thousand connections.
    turn: Arc<Mutex<()>>,
    cells: Mutex<BTreeMap<String, Arc<Cell>>>,
    simulated: Mutex<BTreeMap<String, Shared>>,
    /// Real ones, where those are scaled.
    groups: Option<ScaledGroups>,
}

/// What decisions go through on their way to the store.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    /// Decisions to be stored.
    pub journal: Arc<Journal>,
    /// Rings when jobs are queued.
    pub bell: Arc<Bell>,
}

impl Scaling {
    /// Of a store; `groups` are those of AWS, where they are to be scaled.
    pub fn new(
        settings: Settings,
        reader: Arc<Reader>,
        meter: Arc<Meter>,
        desk: Desk,
        groups: Option<ScaledGroups>,
    ) -> Self {
        let Desk { journal, bell } = desk;
        Scaling {
            settings,
            reader,
            meter,
            journal,
            bell,
            turn: Arc::default(),
            cells: Mutex::default(),
            simulated: Mutex::default(),
            groups,
        }
    }

    /// What it does.
    pub fn mode(&self) -> Mode {
        self.settings.mode
    }

    /// What it does with one pool: where groups are scaled, it says of a pool without one what it
    /// would do.
    pub fn mode_of(&self, pool: &str) -> Mode {
        match self.settings.mode {
            Mode::Act if self.settings.group(pool).is_none() => Mode::DryRun,
            mode => mode,
        }
    }

    /// How a pool is scaled.
    pub fn policy(&self, pool: &str) -> Policy {
        self.settings.policy(pool)
    }

    /// Looks at one pool now; `is_fresh` says whether the state of jobs is as of now. May block.
    ///
    /// # Errors
    /// When the last decision about the pool cannot be read; with no scaler yet, nothing is known.
    pub fn look(
        &self,
        pool: &str,
        occasion: Occasion,
        is_fresh: bool,
        now: Timestamp,
    ) -> Result<Decision, StoreError> {
        let cell = self.cell(pool)?;
        let decision = cell.look(occasion, is_fresh, now);
        self.publish(&cell, &decision);
        Ok(decision)
    }

    /// Notes in which pools the pool-exhaustion alarm fires, and since when: their ceiling stays
    /// lifted for as long.
    pub fn alarmed(&self, pools: &BTreeMap<String, Timestamp>) {
        let cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        for cell in cells.values() {
            cell.alarm(pools.get(&cell.pool).copied());
        }
    }

    /// Has a pool looked at now rather than by its schedule, as when one of its alarms fires.
    pub fn wake(&self, pool: &str) {
        self.bell.wake(pool);
    }

    /// Decisions since an instant, the latest first, those that are not stored yet included.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn decisions(
        &self,
        pool: Option<&str>,
        since: Timestamp,
        notable: bool,
        limit: u32,
    ) -> Result<Vec<Kept>, StoreError> {
        let to = Timestamp::from_millis(i64::MAX);
        self.decisions_between(pool, (since, to), notable, limit)
    }

    /// Decisions of a stretch of time, its end left out, the latest first; those that are not stored
    /// yet included.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn decisions_between(
        &self,
        pool: Option<&str>,
        (since, to): (Timestamp, Timestamp),
        notable: bool,
        limit: u32,
    ) -> Result<Vec<Kept>, StoreError> {
        // Before the store: what is stored meanwhile may be told twice, never not at all.
        let unsaved = self.journal.unsaved();
        let mut all = self.reader.decisions_between(pool, (since, to), notable, limit)?;
        let asked = |kept: &Kept| {
            (kept.is_notable() || !notable)
                && (since..to).contains(&kept.at())
                && pool.is_none_or(|pool| kept.snapshot.pool == pool)
        };
        for kept in unsaved.into_iter().filter(asked) {
            if !all.contains(&kept) {
                all.insert(0, kept);
            }
        }
        all.sort_by_key(|kept| std::cmp::Reverse(kept.at()));
        all.truncate(limit as usize);
        Ok(all)
    }

    /// The simulated group of a pool.
    pub fn simulated(&self, pool: &str) -> Shared {
        let mut simulated = self.simulated.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || {
            let nature = Nature { times: self.settings.policy(pool).times, ..Nature::default() };
            Shared::new(Simulated::new(nature, seed(pool)))
        };
        simulated.entry(pool.to_owned()).or_insert_with(make).clone()
    }

    fn cell(&self, pool: &str) -> Result<Arc<Cell>, StoreError> {
        if let Some(cell) = self.known(pool) {
            return Ok(cell);
        }
        let told = self.reader.decisions(Some(pool), Timestamp::EPOCH, false, 1)?.pop();
        let warm = told.as_ref().and_then(|kept| kept.plan.warm).unwrap_or(0);
        let real = self.groups.as_ref().zip(self.settings.group(pool));
        let group: Box<dyn Group> = match (self.mode_of(pool), real) {
            (Mode::Act, Some((groups, name))) => groups.group(name),
            (Mode::Simulated, _) => Box::new(self.simulated(pool)),
            _ => Box::new(DryRun::new(pool, warm)),
        };
        let (reader, bell) = (Arc::clone(&self.reader), Arc::clone(&self.bell));
        let jobs = OpenJobs::new(reader, pool, bell, Arc::clone(&self.turn));
        let cell = Arc::new(Cell::new(pool, self.settings.policy(pool), told, jobs, group));
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(cells.entry(pool.to_owned()).or_insert(cell)))
    }

    fn known(&self, pool: &str) -> Option<Arc<Cell>> {
        let cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        cells.get(pool).cloned()
    }
}

/// Whether runners could be added to a pool: not where its jobs fit none.
fn is_scaled(pool: &str) -> bool {
    ![UNROUTED_POOL, OTHER_POOL].contains(&pool)
}

/// A number of a pool's own, the same every time.
fn seed(pool: &str) -> u64 {
    pool.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests;
