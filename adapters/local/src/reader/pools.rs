//! Pools at a glance.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::Reader;
use crate::StoreError;

/// By the index `jobs_open`.
pub(super) const OPEN: &str =
    "SELECT count(*), min(open_since) FROM jobs WHERE open_stage = ?1 AND pool = ?2";

/// By the index `jobs_waited`.
pub(super) const KNOWN_WAITS: &str = "SELECT started_at, wait_secs FROM jobs \
    WHERE pool = ?1 AND started_at > ?2 AND wait_secs IS NOT NULL";

/// By the index `jobs_queued`.
pub(super) const ARRIVALS: &str =
    "SELECT count(*) FROM jobs WHERE pool = ?1 AND queued_received_at >= ?2";

/// A pool at one instant.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolView {
    /// Its name.
    pub name: String,
    /// Jobs that ask for a runner.
    pub waiting: u64,
    /// How long the oldest of them has waited, by receipt.
    pub oldest_waiting: Option<Duration>,
    /// Jobs that have a runner.
    pub running: u64,
    /// Waits in each window that was asked for, in that order.
    pub waits: Vec<Waits>,
    /// Distinct jobs of the retained history whose `queued` event was seen.
    pub queued_total: u64,
    /// Distinct jobs of the retained history that are known to have started.
    pub started_total: u64,
    /// Distinct jobs of the retained history that are over.
    pub completed_total: u64,
    /// When the newest event happened; `None` while there is none.
    pub newest_at: Option<Timestamp>,
}

/// Waits of jobs that started within a window, in whole seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    /// How many are known.
    pub known: u64,
    /// Nearest rank 50 %.
    pub p50_secs: Option<u64>,
    /// Nearest rank 95 %.
    pub p95_secs: Option<u64>,
}

impl Waits {
    /// The percentiles of `waits`, by nearest rank. Reorders them.
    pub fn of(waits: &mut [u64]) -> Self {
        waits.sort_unstable();
        let rank = |percent: usize| {
            let rank = (waits.len() * percent).div_ceil(100);
            rank.checked_sub(1).and_then(|i| waits.get(i)).copied()
        };
        Waits { known: waits.len() as u64, p50_secs: rank(50), p95_secs: rank(95) }
    }
}

impl Reader {
    /// The names of all pools.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn pool_names(&self) -> Result<BTreeSet<String>, StoreError> {
        self.ask(|connection| {
            let mut statement = connection.prepare_cached("SELECT name FROM pools")?;
            let names = statement.query_map([], |row| row.get(0))?;
            Ok(names.collect::<Result<_, _>>()?)
        })
    }

    /// How many jobs were queued in each pool since an instant.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn arrivals(&self, since: Timestamp) -> Result<BTreeMap<String, u64>, StoreError> {
        self.ask(|connection| {
            let mut pools = connection.prepare_cached("SELECT id, name FROM pools")?;
            let mut arrivals = connection.prepare_cached(ARRIVALS)?;
            let mut rows = pools.query([])?;
            let mut found = BTreeMap::new();
            while let Some(row) = rows.next()? {
                let id: i64 = row.get(0)?;
                let count = arrivals
                    .query_row(params![id, since.as_millis()], |row| row.get::<_, i64>(0))?;
                found.insert(row.get(1)?, count.cast_unsigned());
            }
            Ok(found)
        })
    }

    /// Waits of one pool in each of `windows`, which end at its newest event.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn waits(&self, pool: &str, windows: &[Duration]) -> Result<Vec<Waits>, StoreError> {
        self.ask(|connection| {
            let found = connection
                .prepare_cached("SELECT id, newest_at FROM pools WHERE name = ?1")?
                .query_row([pool], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            match found {
                Some((id, newest)) => {
                    waits(connection, id, Timestamp::from_millis(newest), windows)
                }
                None => Ok(vec![Waits::default(); windows.len()]),
            }
        })
    }

    /// All pools by name. Each of `windows` ends at the pool's newest event.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn pools(&self, now: Timestamp, windows: &[Duration]) -> Result<Vec<PoolView>, StoreError> {
        self.ask(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, name, queued, started, completed, newest_at FROM pools ORDER BY name",
            )?;
            let mut rows = statement.query([])?;
            let mut pools = Vec::new();
            while let Some(row) = rows.next()? {
                let number = |column: &str| row.get::<_, i64>(column).map(i64::cast_unsigned);
                let id: i64 = row.get("id")?;
                let newest = Timestamp::from_millis(row.get("newest_at")?);
                let (waiting, since) = open(connection, 1, id)?;
                pools.push(PoolView {
                    name: row.get("name")?,
                    waiting,
                    oldest_waiting: since.map(|since| now.saturating_since(since)),
                    running: open(connection, 2, id)?.0,
                    waits: waits(connection, id, newest, windows)?,
                    queued_total: number("queued")?,
                    started_total: number("started")?,
                    completed_total: number("completed")?,
                    newest_at: (newest > Timestamp::EPOCH).then_some(newest),
                });
            }
            Ok(pools)
        })
    }

    /// Waits of all pools together in each of `windows`, which end at the fleet's newest event.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn fleet_waits(&self, windows: &[Duration]) -> Result<Vec<Waits>, StoreError> {
        self.ask(|connection| {
            let newest: Option<i64> = connection
                .prepare_cached("SELECT max(newest_at) FROM pools")?
                .query_row([], |row| row.get(0))?;
            let newest = Timestamp::from_millis(newest.unwrap_or(0));
            let mut ids = connection.prepare_cached("SELECT id FROM pools")?;
            let ids: Vec<i64> = ids.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
            windows
                .iter()
                .map(|window| {
                    let mut all = Vec::new();
                    for id in &ids {
                        all.extend(known(connection, *id, newest.minus(*window))?);
                    }
                    let mut waits: Vec<u64> = all.into_iter().map(|(_, wait)| wait).collect();
                    Ok(Waits::of(&mut waits))
                })
                .collect()
        })
    }
}

/// How many jobs of a pool are in a stage, and since when the oldest.
pub(super) fn open(
    connection: &Connection,
    stage: i64,
    pool: i64,
) -> Result<(u64, Option<Timestamp>), StoreError> {
    let mut statement = connection.prepare_cached(OPEN)?;
    let found = statement.query_row([stage, pool], |row| {
        let since: Option<i64> = row.get(1)?;
        Ok((row.get::<_, i64>(0)?.cast_unsigned(), since.map(Timestamp::from_millis)))
    })?;
    Ok(found)
}

fn waits(
    connection: &Connection,
    pool: i64,
    newest: Timestamp,
    windows: &[Duration],
) -> Result<Vec<Waits>, StoreError> {
    let Some(longest) = windows.iter().max() else { return Ok(Vec::new()) };
    let known = known(connection, pool, newest.minus(*longest))?;
    let of = |window: &Duration| {
        let since = newest.minus(*window);
        let mut waits: Vec<u64> =
            known.iter().filter(|(at, _)| *at > since).map(|(_, wait)| *wait).collect();
        Waits::of(&mut waits)
    };
    Ok(windows.iter().map(of).collect())
}

/// Start and wait of the jobs of a pool that started after `since`.
fn known(
    connection: &Connection,
    pool: i64,
    since: Timestamp,
) -> Result<Vec<(Timestamp, u64)>, StoreError> {
    let mut statement = connection.prepare_cached(KNOWN_WAITS)?;
    let rows = statement.query_map(params![pool, since.as_millis()], |row| {
        let wait: i64 = row.get(1)?;
        Ok((Timestamp::from_millis(row.get(0)?), wait.cast_unsigned()))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        for (waits, p50, p95) in [
            (vec![], None, None),
            (vec![7], Some(7), Some(7)),
            (vec![4, 1, 3, 2], Some(2), Some(4)),
            ((1..=100).rev().collect(), Some(50), Some(95)),
            ((1..=20).collect(), Some(10), Some(19)),
        ] {
            let mut values: Vec<u64> = waits;
            let found = Waits::of(&mut values);
            assert_eq!((found.p50_secs, found.p95_secs), (p50, p95), "{values:?}");
        }
    }
}
