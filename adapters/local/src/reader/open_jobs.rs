//! The jobs of one pool as its scaler asks for them.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use model::{JobKey, Timestamp};
use rusqlite::{Connection, params};
use scaler::ports::{Busy, Jobs, Open, Trouble};
use scaler::{Backlog, Source};

use super::Reader;
use crate::StoreError;

/// When jobs were queued, by the index `jobs_queued`.
pub(super) const QUEUED: &str = "SELECT queued_received_at, job, attempt FROM jobs \
    WHERE pool = ?1 AND queued_received_at >= ?2 ORDER BY queued_received_at";

/// Runners with a job, by the index `jobs_open`.
pub(super) const BUSY: &str = "SELECT runner, open_since FROM jobs \
    WHERE open_stage = 2 AND pool = ?1 ORDER BY open_since";

/// A delivery is stored at most this long after its receipt, or refused: so far back one looks for
/// jobs that were not seen the last time.
const LATE_MAX: Duration = Duration::from_secs(20);

/// A scaler's view of the store.
#[derive(Debug)]
pub struct OpenJobs {
    reader: Arc<Reader>,
    pool: String,
    /// The state of jobs is as of this instant: the last at which the store could be written.
    pub as_of: Timestamp,
    newest: Timestamp,
    /// Jobs of the last [`LATE_MAX`] that were told already.
    told: BTreeSet<(Timestamp, JobKey)>,
    turn: Arc<Mutex<()>>,
}

impl OpenJobs {
    /// Of this pool; nothing of its history was told yet. Those that share a `turn` read one after
    /// another.
    pub fn new(reader: Arc<Reader>, pool: &str, turn: Arc<Mutex<()>>) -> Self {
        OpenJobs {
            reader,
            pool: pool.to_owned(),
            as_of: Timestamp::EPOCH,
            newest: Timestamp::EPOCH,
            told: BTreeSet::new(),
            turn,
        }
    }

    fn read_open(&self) -> Result<Open, StoreError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.reader.ask(|connection| {
            let id = id(connection, &self.pool)?;
            let (queued, oldest) = super::pools::open(connection, 1, id)?;
            let busy = busy(connection, id)?;
            let count = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
            let backlog = Backlog {
                as_of: self.as_of,
                source: Source::Jobs,
                queued: count(queued),
                oldest_queued_at: oldest,
                // The store gives up a job that hears nothing for a day: it is not open any more.
                ghosts: 0,
                running: count(busy.len() as u64),
            };
            Ok(Open { backlog, busy })
        })
    }

    fn read_queued(&self, since: Timestamp) -> Result<Vec<(Timestamp, JobKey)>, StoreError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.reader.ask(|connection| {
            let id = id(connection, &self.pool)?;
            let mut statement = connection.prepare_cached(QUEUED)?;
            let rows = statement.query_map(params![id, since.as_millis()], |row| {
                let job = row.get::<_, i64>(1)?.cast_unsigned();
                let key = JobKey { job, attempt: row.get(2)? };
                Ok((Timestamp::from_millis(row.get(0)?), key))
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

impl Jobs for OpenJobs {
    fn open(&mut self, _now: Timestamp) -> Result<Open, Trouble> {
        self.read_open().map_err(|error| Trouble::new("reading the jobs", error))
    }

    fn arrived(&mut self) -> Result<Vec<Timestamp>, Trouble> {
        let since = self.newest.minus(LATE_MAX);
        let found =
            self.read_queued(since).map_err(|error| Trouble::new("reading arrivals", error))?;
        let fresh: Vec<Timestamp> =
            found.iter().filter(|job| !self.told.contains(job)).map(|job| job.0).collect();
        self.newest = found.last().map_or(self.newest, |job| self.newest.max(job.0));
        let kept_since = self.newest.minus(LATE_MAX);
        self.told = found.into_iter().filter(|job| job.0 >= kept_since).collect();
        Ok(fresh)
    }
}

/// A pool without jobs has no row yet.
fn id(connection: &Connection, pool: &str) -> Result<i64, StoreError> {
    let mut statement = connection.prepare_cached("SELECT id FROM pools WHERE name = ?1")?;
    let mut rows = statement.query([pool])?;
    Ok(rows.next()?.map(|row| row.get(0)).transpose()?.unwrap_or(-1))
}

fn busy(connection: &Connection, pool: i64) -> Result<Vec<Busy>, StoreError> {
    let mut statement = connection.prepare_cached(BUSY)?;
    let rows = statement.query_map([pool], |row| {
        let runner = row.get::<_, Option<String>>(0)?.unwrap_or_default();
        Ok(Busy { runner, since: Timestamp::from_millis(row.get(1)?) })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
