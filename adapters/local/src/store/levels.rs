//! How many jobs wait and run now, and the oldest that waits, by pool.

use std::collections::{BTreeMap, BTreeSet};

use ingest::ledger::Stage;
use model::catalogue as c;
use model::series::Aggregate;
use model::{Dimension, Dimensions, JobKey, Level, Timestamp};
use rusqlite::Connection;

use super::book::Book;
use super::jobs::{Row, open_stage};
use crate::{SeriesKey, StoreError};

/// Levels of all pools. Grows with the jobs that are open, not with history.
#[derive(Debug, Default)]
pub(super) struct Levels {
    pools: BTreeMap<String, PoolLevels>,
}

#[derive(Debug, Default)]
struct PoolLevels {
    /// By receipt of the `queued` event, so that the first is the oldest.
    waiting: BTreeSet<(Timestamp, JobKey)>,
    running: u64,
    /// The highest since the minute began: a burst that comes and goes within a minute shows.
    waiting_max: u64,
    running_max: u64,
}

impl PoolLevels {
    fn waiting_now(&self) -> u64 {
        self.waiting.len() as u64
    }

    fn note_highest(&mut self) {
        self.waiting_max = self.waiting_max.max(self.waiting_now());
        self.running_max = self.running_max.max(self.running);
    }
}

impl Levels {
    pub(super) fn load(connection: &Connection) -> Result<Self, StoreError> {
        let mut levels = Levels::default();
        let mut statement = connection.prepare(
            "SELECT pools.name, open_stage, open_since, job, attempt FROM jobs \
             JOIN pools ON pools.id = jobs.pool WHERE open_stage IN (1, 2)",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let pool = levels.pools.entry(row.get(0)?).or_default();
            if row.get::<_, Option<i64>>(1)? == open_stage(Stage::Waiting) {
                let key =
                    JobKey { job: row.get::<_, i64>(3)?.cast_unsigned(), attempt: row.get(4)? };
                pool.waiting.insert((Timestamp::from_millis(row.get(2)?), key));
            } else {
                pool.running += 1;
            }
            pool.note_highest();
        }
        Ok(levels)
    }

    /// Moves one job from where it stood to where it stands.
    pub(super) fn change(&mut self, before: Option<&Row>, after: &Row) {
        let levels = self.pools.entry(after.job.pool.clone()).or_default();
        if let Some(row) = before {
            levels.put(row, false);
        }
        levels.put(after, true);
        levels.note_highest();
    }

    /// The levels at the end of `minute`, as aggregates of that minute.
    pub(super) fn write_into(&self, book: &mut Book, minute: i64) {
        let end = Timestamp::from_secs((minute + 1) * 60);
        let mut fleet = [Aggregate::default(), Aggregate::default(), Aggregate::default()];
        for (name, pool) in &self.pools {
            let oldest =
                pool.waiting.first().map_or(0, |(since, _)| end.saturating_since(*since).as_secs());
            let now = [
                level(pool.waiting_now(), pool.waiting_max),
                level(oldest, oldest),
                level(pool.running, pool.running_max),
            ];
            for (sum, pool) in fleet.iter_mut().zip(&now) {
                sum.samples = 1;
                sum.max += pool.max;
                sum.last += pool.last;
                sum.sum += pool.sum;
            }
            write(book, &Dimensions::none().with(Dimension::Pool, name.as_str()), now);
        }
        // Ages do not add up: the oldest of the fleet is the oldest of any pool.
        let oldest = self.pools.values().filter_map(|p| p.waiting.first()).min();
        let oldest = oldest.map_or(0, |(since, _)| end.saturating_since(*since).as_secs());
        fleet[1] = level(oldest, oldest);
        write(book, &Dimensions::none(), fleet);
    }

    /// A new minute begins with the levels as they are.
    pub(super) fn start_minute(&mut self) {
        for pool in self.pools.values_mut() {
            (pool.waiting_max, pool.running_max) = (pool.waiting_now(), pool.running);
        }
    }
}

impl PoolLevels {
    fn put(&mut self, row: &Row, there: bool) {
        match (row.job.stage(), row.open_since) {
            (Stage::Waiting, Some(since)) if there => {
                self.waiting.insert((since, row.job.key));
            }
            (Stage::Waiting, Some(since)) => {
                self.waiting.remove(&(since, row.job.key));
            }
            (Stage::Running, _) if there => self.running += 1,
            (Stage::Running, _) => self.running = self.running.saturating_sub(1),
            _ => {}
        }
    }
}

fn level(last: u64, max: u64) -> Aggregate {
    Aggregate { samples: 1, sum: last, max, last, histogram: None }
}

/// Zeros are not written: no row means zero.
fn write(book: &mut Book, by: &Dimensions, levels: [Aggregate; 3]) {
    let metrics: [Level; 3] = [c::JOBS_WAITING, c::OLDEST_WAITING_AGE, c::JOBS_RUNNING];
    for (metric, aggregate) in metrics.into_iter().zip(levels) {
        if aggregate.max > 0 {
            book.put(SeriesKey { spec: metric.0, dimensions: by.clone() }, aggregate);
        }
    }
}
