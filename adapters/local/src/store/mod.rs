//! The one writer: batches of deliveries in, durable facts out.
//!
//! Whatever it keeps in memory (levels, sums of the open minute, ids of pools and series) can be
//! rebuilt from the file, and is rebuilt after a transaction that failed. So memory and file never
//! disagree, and a process killed at any instant continues where its last commit was.

mod book;
mod columns;
mod decisions;
mod deliveries;
mod hours;
mod import;
mod jobs;
mod levels;
mod meta;
mod news;
mod points;
mod pools;
mod prune;
mod publish;
mod recent;
mod rows;
mod set_right;
mod short;
mod state;
mod usual;

pub(crate) use columns::{COLUMNS, read as read_job};
pub(crate) use hours::{find as find_hours, told_until};
pub use import::{Imported, Importer};
pub(crate) use levels::{KEPT as KEPT_LEVELS, heartbeat};
pub(crate) use news::MEMORY;
pub(crate) use points::{Counted, dimensions_from, find as find_series, pair_text};
pub(crate) use set_right::BACK_MAX as CLOCK_BACK_MAX;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ingest::{Delivery, Observer};
use model::emf::Record;
use model::{Dimension, Phase, Pool, RollUp, Timestamp};
use rusqlite::{Connection, TransactionBehavior};

use crate::lock::WriterLock;
use crate::{Bell, Deleted, Journal, Kept, Meter, StoreError, schema};
use rows::Rows;
use state::State;

/// How long things are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Jobs, after they are over.
    pub jobs: Duration,
    /// Points of the minute series.
    pub series: Duration,
    /// Ids of deliveries. GitHub redelivers for 3 days.
    /// <https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks>
    pub deliveries: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Retention {
            jobs: Duration::from_hours(90 * 24),
            series: Duration::from_hours(90 * 24),
            deliveries: Duration::from_hours(4 * 24),
        }
    }
}

/// How the writer works.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The pools of the configuration; none: each label set is a pool.
    pub pools: Vec<Pool>,
    /// What is published beside [`RollUp::Pool`].
    pub roll_ups: Vec<RollUp>,
    /// How long things are kept.
    pub retention: Retention,
    /// Where the scaler notes what it decides.
    pub journal: Arc<Journal>,
    /// Rung for each pool in which a job was queued.
    pub bell: Arc<Bell>,
    /// Where jobs are noted that GitHub does not know any more.
    pub deleted: Arc<Deleted>,
}

/// One delivery on its way into the store.
#[derive(Clone, Debug)]
pub struct Intake {
    /// What was delivered.
    pub delivery: Delivery,
    /// When it was received.
    pub received_at: Timestamp,
}

/// What became of one delivery.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    /// It repeats one that was taken before, and changed nothing.
    pub duplicate: bool,
    /// What it made known.
    pub records: Vec<Record>,
}

/// The one writer of a file.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    settings: Settings,
    observer: Observer,
    meter: Arc<Meter>,
    /// `None` after a failure, until it is rebuilt from the file.
    state: Option<State>,
    _lock: WriterLock,
}

/// What one transaction made durable.
#[derive(Debug)]
pub(crate) struct Committed {
    /// What became of each delivery, in their order.
    pub(crate) taken: Vec<Taken>,
    /// What was counted beside them: by the rim, and jobs that were given up.
    pub(crate) beside: Vec<Record>,
}

impl Store {
    /// Opens or makes the file at `path`.
    ///
    /// # Errors
    /// When it cannot be opened or written, is in use, is not a store, or is of a newer version.
    pub fn open(path: &Path, settings: Settings, meter: Arc<Meter>) -> Result<Self, StoreError> {
        schema::refuse_foreign(path)?;
        let lock = WriterLock::take(path)?;
        let connection = schema::open_to_write(path)?;
        let state = Some(State::load(&connection, &settings)?);
        let observer = Observer::new(settings.roll_ups.clone());
        Ok(Store { connection, settings, observer, meter, state, _lock: lock })
    }

    /// Takes a batch in one transaction; when this returns, all of it is on the disk. `now` is the
    /// present: it closes minutes, gives up jobs that hear nothing more and prunes old rows, also
    /// with an empty batch. After a failure an empty batch writes as well, to see whether the file
    /// can be written again.
    ///
    /// # Errors
    /// When the transaction fails; then nothing of the batch was taken.
    pub fn commit(&mut self, batch: &[Intake], now: Timestamp) -> Result<Vec<Taken>, StoreError> {
        self.commit_all(batch.to_vec(), now).map(|committed| committed.taken)
    }

    /// Like [`Store::commit`], and tells also what was counted beside the deliveries.
    pub(crate) fn commit_all(
        &mut self,
        batch: Vec<Intake>,
        now: Timestamp,
    ) -> Result<Committed, StoreError> {
        let (mut state, has_failed) = match self.state.take() {
            Some(state) => (state, false),
            None => (State::load(&self.connection, &self.settings)?, true),
        };
        let rim = self.meter.take_unsaved();
        let decisions = self.settings.journal.take();
        let is_news = !batch.is_empty()
            || !rim.is_empty()
            || !decisions.is_empty()
            || !self.settings.deleted.is_empty();
        if !is_news && !has_failed && !state.is_due(now) {
            self.state = Some(state);
            return Ok(Committed { taken: Vec::new(), beside: Vec::new() });
        }
        match self.transact(&mut state, batch, (&rim, &decisions), now) {
            Ok((taken, given_up)) => {
                self.state = Some(state);
                self.meter.saved(taken.iter().flat_map(|taken| &taken.records));
                // The rim counted its own when it observed them.
                self.meter.saved(&given_up);
                Ok(Committed { taken, beside: rim.into_iter().chain(given_up).collect() })
            }
            Err(error) => {
                self.meter.give_back(rim);
                self.settings.journal.give_back(decisions);
                Err(error)
            }
        }
    }

    /// Counts events whose EMF lines were dropped.
    pub(crate) fn count_dropped(&self, events: u64, now: Timestamp) {
        self.meter.observe(self.observer.dropped(events, now));
    }

    fn transact(
        &mut self,
        state: &mut State,
        batch: Vec<Intake>,
        (rim, decisions): (&[Record], &[Kept]),
        now: Timestamp,
    ) -> Result<(Vec<Taken>, Vec<Record>), StoreError> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        state.set_right(&transaction, &self.settings, now)?;
        let mut rim = rim.iter().peekable();
        let is_flood = batch.len() >= FLOOD;
        let mut taken = Vec::with_capacity(batch.len());
        let mut rows = Rows::new(&transaction)?;
        for intake in batch {
            // What the rim saw earlier, as while the store failed, belongs to earlier minutes.
            while let Some(record) = rim.next_if(|record| record.at <= intake.received_at) {
                state.note(&transaction, std::slice::from_ref(record))?;
            }
            taken.push(state.take_in(&transaction, &mut rows, &self.observer, intake)?);
        }
        drop(rows);
        for record in rim {
            state.note(&transaction, std::slice::from_ref(record))?;
        }
        let given_up = state.advance(&transaction, &self.observer, &self.settings, now)?;
        state.save(&transaction, is_flood, now)?;
        decisions::save(&transaction, decisions)?;
        let gate = self.settings.bell.gate();
        transaction.commit()?;
        self.settings.bell.ring(&gate, taken.iter().filter_map(queued));
        Ok((taken, given_up))
    }
}

/// In which pool a delivery told that a job was queued, and when it did.
fn queued(taken: &Taken) -> Option<(&str, Timestamp)> {
    let Record { dimensions, at, .. } = taken.records.first()?;
    let is_queued = dimensions.get(Dimension::Status) == Some(Phase::Queued.as_str());
    dimensions.get(Dimension::Pool).filter(|_| is_queued).map(|pool| (pool, *at))
}

/// A transaction of so many deliveries is one of a flood.
const FLOOD: usize = 8;

/// Minutes since the epoch.
fn minute_of(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(60_000)
}

#[cfg(test)]
mod tests;
