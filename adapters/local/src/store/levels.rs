//! How many jobs wait and run now, and the oldest that waits, by pool and of the fleet.
//!
//! A pool without jobs has no rows: the fleet's rows are written for every minute that was counted,
//! zero or not, and tell a quiet minute from one of which nothing is known.

use std::collections::{BTreeMap, BTreeSet};

use ingest::ledger::Stage;
use model::catalogue as c;
use model::series::Aggregate;
use model::{Dimension, Dimensions, JobKey, Level, Timestamp};
use rusqlite::Connection;

use super::book::Book;
use super::jobs::{Row, Stood, open_stage};
use crate::{SeriesKey, StoreError};

/// The levels that the store keeps for each pool and for the fleet.
pub(crate) const KEPT: [Level; 3] = [c::JOBS_WAITING, c::OLDEST_WAITING_AGE, c::JOBS_RUNNING];

/// By the index `jobs_open`.
pub(super) const LOAD: &str = "SELECT pools.name, open_stage, open_since, job, attempt FROM jobs \
    JOIN pools ON pools.id = jobs.pool WHERE open_stage IN (1, 2)";

/// The series that has a row for each minute that was counted.
pub(crate) fn heartbeat() -> SeriesKey {
    SeriesKey { spec: c::JOBS_WAITING.0, dimensions: Dimensions::none() }
}

/// Levels of all pools. Grows with the jobs that are open, not with history.
#[derive(Debug, Default)]
pub(super) struct Levels {
    fleet: Gauge,
    pools: BTreeMap<String, Gauge>,
}

/// The levels of one pool, or of the fleet.
#[derive(Debug, Default)]
pub(super) struct Gauge {
    /// By receipt of the `queued` event, so that the first is the oldest.
    waiting: BTreeSet<(Timestamp, JobKey)>,
    running: u64,
    /// The highest since the minute began: a burst that comes and goes within a minute shows.
    waiting_max: u64,
    running_max: u64,
    /// Whether the book knows it as it is.
    is_noted: bool,
}

impl Levels {
    /// Reads the jobs that are open, and how high the levels were in the open minute.
    pub(super) fn load(connection: &Connection, book: &Book) -> Result<Self, StoreError> {
        let mut levels = Levels::default();
        let mut statement = connection.prepare(LOAD)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let stage: Option<i64> = row.get(1)?;
            let since = Timestamp::from_millis(row.get(2)?);
            let key = JobKey { job: row.get::<_, i64>(3)?.cast_unsigned(), attempt: row.get(4)? };
            let waits = (stage == open_stage(Stage::Waiting)).then_some((since, key));
            let pool = levels.pools.entry(row.get(0)?).or_default();
            for gauge in [pool, &mut levels.fleet] {
                gauge.enter(waits);
                gauge.note_highest();
            }
        }
        levels.restore(book);
        Ok(levels)
    }

    /// Jobs that came and went within the minute are in no stage any more, but in its levels.
    fn restore(&mut self, book: &Book) {
        for (key, aggregate) in book.sums() {
            let gauge = match key.dimensions.get(Dimension::Pool) {
                Some(pool) => self.pools.entry(pool.to_owned()).or_default(),
                None => &mut self.fleet,
            };
            if key.spec == c::JOBS_WAITING.0 {
                gauge.waiting_max = gauge.waiting_max.max(aggregate.max);
            } else if key.spec == c::JOBS_RUNNING.0 {
                gauge.running_max = gauge.running_max.max(aggregate.max);
            }
        }
    }

    /// Moves one job from where it stood to where it stands.
    pub(super) fn change(&mut self, before: Option<&Stood>, after: &Row) {
        if !self.pools.contains_key(&after.job.pool) {
            self.pools.insert(after.job.pool.clone(), Gauge::default());
        }
        let pool = self.pools.get_mut(&after.job.pool);
        let after = Stood::of(after);
        for gauge in pool.into_iter().chain([&mut self.fleet]) {
            if let Some(before) = before {
                gauge.put(before, false);
            }
            gauge.put(&after, true);
            gauge.note_highest();
            gauge.is_noted = false;
        }
    }

    /// Writes the levels at the end of `minute`, which the book has open, as they are now.
    pub(super) fn write_into(&mut self, book: &mut Book, minute: i64) {
        let end = Timestamp::from_secs((minute + 1) * 60);
        for (pool, gauge) in self.all().filter(|(_, gauge)| !gauge.is_noted) {
            let by = pool.map_or_else(Dimensions::none, of_pool);
            for (level, aggregate) in KEPT.into_iter().zip(gauge.at(end)) {
                let key = SeriesKey { spec: level.0, dimensions: by.clone() };
                let is_fleet = by == Dimensions::none();
                if is_fleet || aggregate.max > 0 || book.get(&key).is_some() {
                    book.put(key, aggregate);
                }
            }
            gauge.is_noted = true;
        }
    }

    /// A new minute begins with the levels as they are.
    pub(super) fn start_minute(&mut self) {
        for (_, gauge) in self.all() {
            gauge.start_minute();
        }
    }

    /// Forgets a pool of which no job is known any more.
    pub(super) fn forget(&mut self, pool: &str) {
        self.pools.remove(pool);
    }

    /// The fleet and all pools by name.
    fn all(&mut self) -> impl Iterator<Item = (Option<&str>, &mut Gauge)> {
        let pools = self.pools.iter_mut().map(|(name, gauge)| (Some(name.as_str()), gauge));
        std::iter::once((None, &mut self.fleet)).chain(pools)
    }
}

fn of_pool(name: &str) -> Dimensions {
    Dimensions::none().with(Dimension::Pool, name)
}

impl Gauge {
    /// One job more: waiting since then, or running.
    pub(super) fn enter(&mut self, waits: Option<(Timestamp, JobKey)>) {
        match waits {
            Some(waits) => {
                self.waiting.insert(waits);
            }
            None => self.running += 1,
        }
    }

    /// One job less.
    pub(super) fn leave(&mut self, waits: Option<(Timestamp, JobKey)>) {
        match waits {
            Some(waits) => {
                self.waiting.remove(&waits);
            }
            None => self.running = self.running.saturating_sub(1),
        }
    }

    /// Whether no job waits or runs.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.running == 0
    }

    /// A new minute begins with the levels as they are.
    pub(super) fn start_minute(&mut self) {
        (self.waiting_max, self.running_max) = (self.waiting.len() as u64, self.running);
        self.is_noted = false;
    }

    fn put(&mut self, stood: &Stood, there: bool) {
        let waits = match (stood.stage, stood.open_since) {
            (Stage::Waiting, Some(since)) => Some((since, stood.key)),
            (Stage::Running, _) => None,
            (Stage::Held | Stage::Waiting | Stage::Done | Stage::Expired, _) => return,
        };
        match there {
            true => self.enter(waits),
            false => self.leave(waits),
        }
    }

    pub(super) fn note_highest(&mut self) {
        self.waiting_max = self.waiting_max.max(self.waiting.len() as u64);
        self.running_max = self.running_max.max(self.running);
    }

    /// In the order of [`KEPT`]. Ages do not add up: the oldest of the fleet is one job's.
    pub(super) fn at(&self, end: Timestamp) -> [Aggregate; 3] {
        let age = |(since, _): &(Timestamp, JobKey)| end.saturating_since(*since).as_secs();
        let oldest = self.waiting.first().map_or(0, age);
        [
            level(self.waiting.len() as u64, self.waiting_max),
            level(oldest, oldest),
            level(self.running, self.running_max),
        ]
    }
}

fn level(last: u64, max: u64) -> Aggregate {
    Aggregate { samples: 1, sum: last, max, last, histogram: None }
}
