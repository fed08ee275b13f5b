//! The one writer: batches of deliveries in, durable facts out.
//!
//! Whatever it keeps in memory (levels, sums of the open minute, ids of pools and series) can be
//! rebuilt from the file, and is rebuilt after a transaction that failed. So memory and file never
//! disagree, and a process killed at any instant continues where its last commit was.

mod book;
mod jobs;
mod levels;
mod prune;
mod publish;
mod state;

pub(crate) use book::{aggregate_from, dimensions_from};
pub(crate) use jobs::{COLUMNS, read as read_job};

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ingest::{Delivery, Observer};
use model::emf::Record;
use model::{Pool, RollUp, Timestamp};
use rusqlite::{Connection, TransactionBehavior};

use crate::lock::WriterLock;
use crate::{Meter, StoreError, schema};
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

impl Store {
    /// Opens or makes the file at `path`.
    ///
    /// # Errors
    /// When it cannot be opened or written, is in use, is not a store, or is of a newer version.
    pub fn open(path: &Path, settings: Settings, meter: Arc<Meter>) -> Result<Self, StoreError> {
        let lock = WriterLock::take(path)?;
        let connection = schema::open_to_write(path)?;
        let state = Some(State::load(&connection, &settings)?);
        let observer = Observer::new(settings.roll_ups.clone());
        Ok(Store { connection, settings, observer, meter, state, _lock: lock })
    }

    /// Takes a batch in one transaction; when this returns, all of it is on the disk. `now` is the
    /// present: it closes minutes, gives up jobs that hear nothing more and prunes old rows, also
    /// with an empty batch.
    ///
    /// # Errors
    /// When the transaction fails; then nothing of the batch was taken.
    pub fn commit(&mut self, batch: &[Intake], now: Timestamp) -> Result<Vec<Taken>, StoreError> {
        let mut state = match self.state.take() {
            Some(state) => state,
            None => State::load(&self.connection, &self.settings)?,
        };
        let rim = self.meter.take_unsaved();
        if batch.is_empty() && rim.is_empty() && !state.is_due(now) {
            self.state = Some(state);
            return Ok(Vec::new());
        }
        match self.transact(&mut state, batch, &rim, now) {
            Ok((taken, given_up)) => {
                self.state = Some(state);
                for taken in &taken {
                    self.meter.saved(&taken.records);
                }
                self.meter.saved(&given_up);
                Ok(taken)
            }
            Err(error) => {
                self.meter.give_back(rim);
                Err(error)
            }
        }
    }

    fn transact(
        &mut self,
        state: &mut State,
        batch: &[Intake],
        rim: &[Record],
        now: Timestamp,
    ) -> Result<(Vec<Taken>, Vec<Record>), StoreError> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut taken = Vec::with_capacity(batch.len());
        for intake in batch {
            taken.push(state.take_in(&transaction, &self.observer, intake)?);
        }
        state.note(&transaction, rim)?;
        let given_up = state.advance(&transaction, &self.observer, &self.settings, now)?;
        state.save(&transaction)?;
        transaction.commit()?;
        Ok((taken, given_up))
    }
}

#[cfg(test)]
mod tests;
