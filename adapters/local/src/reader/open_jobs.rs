//! The jobs of one pool as its scaler asks for them.

use std::sync::{Arc, Mutex, PoisonError};

use model::Timestamp;
use rusqlite::{Connection, params};
use scaler::ports::{Busy, Jobs, Open, Trouble};
use scaler::{Backlog, Source};

use super::Reader;
use crate::{Bell, StoreError};

/// When jobs were queued, by the index `jobs_queued`.
pub(super) const QUEUED: &str = "SELECT queued_received_at FROM jobs \
    WHERE pool = ?1 AND queued_received_at IS NOT NULL ORDER BY queued_received_at";

/// Runners with a job, by the index `jobs_open`.
pub(super) const BUSY: &str = "SELECT runner, open_since FROM jobs \
    WHERE open_stage = 2 AND pool = ?1 ORDER BY open_since LIMIT ?2";

/// A scaler's view of the store.
#[derive(Debug)]
pub struct OpenJobs {
    reader: Arc<Reader>,
    pool: String,
    /// The state of jobs is as of this instant: the last at which the store could be written.
    pub as_of: Timestamp,
    bell: Arc<Bell>,
    /// Whether the bell keeps arrivals for this view; no other of the same pool may end that.
    is_listening: bool,
    turn: Arc<Mutex<()>>,
}

impl OpenJobs {
    /// Of this pool; what is queued from its history on is told by the bell of the store's writer.
    /// Those that share a `turn` read one after another.
    pub fn new(reader: Arc<Reader>, pool: &str, bell: Arc<Bell>, turn: Arc<Mutex<()>>) -> Self {
        OpenJobs {
            reader,
            pool: pool.to_owned(),
            as_of: Timestamp::EPOCH,
            bell,
            is_listening: false,
            turn,
        }
    }

    fn read_open(&self, names_max: u32) -> Result<Open, StoreError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.reader.ask(|connection| {
            let id = id(connection, &self.pool)?;
            let (queued, oldest) = super::pools::open(connection, 1, id)?;
            let (running, _) = super::pools::open(connection, 2, id)?;
            let count = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
            let backlog = Backlog {
                as_of: self.as_of,
                source: Source::Jobs,
                queued: count(queued),
                oldest_queued_at: oldest,
                // The store gives up a job that hears nothing for a day: it is not open any more.
                ghosts: 0,
                running: count(running),
            };
            Ok(Open { backlog, busy: busy(connection, id, names_max)? })
        })
    }

    /// What is committed before the first question is read, and everything later is heard.
    fn read_history(&self, take: &mut dyn FnMut(Timestamp)) -> Result<(), StoreError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.reader.ask(|connection| {
            let gate = self.bell.gate();
            let id = id(connection, &self.pool)?;
            self.bell.listen(&gate, &self.pool);
            drop(gate);
            let mut statement = connection.prepare_cached(QUEUED)?;
            let mut rows = statement.query([id])?;
            while let Some(row) = rows.next()? {
                take(Timestamp::from_millis(row.get(0)?));
            }
            Ok(())
        })
    }
}

impl Jobs for OpenJobs {
    fn open(&mut self, names_max: u32, _now: Timestamp) -> Result<Open, Trouble> {
        self.read_open(names_max).map_err(|error| Trouble::new("reading the jobs", error))
    }

    fn history(&mut self, take: &mut dyn FnMut(Timestamp)) -> Result<(), Trouble> {
        self.is_listening = true;
        self.read_history(take).map_err(|error| Trouble::new("reading arrivals", error))
    }

    fn arrived(&mut self) -> Result<Vec<Timestamp>, Trouble> {
        Ok(self.bell.arrived(&self.pool))
    }
}

impl Drop for OpenJobs {
    fn drop(&mut self) {
        if self.is_listening {
            self.bell.hush(&self.pool);
        }
    }
}

/// A pool without jobs has no row yet.
fn id(connection: &Connection, pool: &str) -> Result<i64, StoreError> {
    let mut statement = connection.prepare_cached("SELECT id FROM pools WHERE name = ?1")?;
    let mut rows = statement.query([pool])?;
    Ok(rows.next()?.map(|row| row.get(0)).transpose()?.unwrap_or(-1))
}

fn busy(connection: &Connection, pool: i64, names_max: u32) -> Result<Vec<Busy>, StoreError> {
    let mut statement = connection.prepare_cached(BUSY)?;
    let rows = statement.query_map(params![pool, names_max], |row| {
        let runner = row.get::<_, Option<String>>(0)?.unwrap_or_default();
        Ok(Busy { runner, since: Timestamp::from_millis(row.get(1)?) })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
