//! Names, ids and totals of the pools.

use std::collections::BTreeMap;

use ingest::Job;
use model::{Phase, Timestamp};
use rusqlite::{Connection, params};

use super::jobs::{Row, Stood};
use crate::StoreError;

/// Names and ids of the pools.
#[derive(Debug, Default)]
pub(super) struct Pools {
    ids: BTreeMap<String, i64>,
    names: BTreeMap<i64, String>,
}

impl Pools {
    pub(super) fn load(connection: &Connection) -> Result<Self, StoreError> {
        let mut pools = Pools::default();
        let mut statement = connection.prepare("SELECT name, id FROM pools")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            pools.add(row.get(0)?, row.get(1)?);
        }
        Ok(pools)
    }

    fn add(&mut self, name: String, id: i64) {
        self.names.insert(id, name.clone());
        self.ids.insert(name, id);
    }

    /// Forgets a pool whose row is gone; gives its name.
    pub(super) fn forget(&mut self, id: i64) -> Option<String> {
        let name = self.names.remove(&id)?;
        self.ids.remove(&name);
        Some(name)
    }

    /// All ids.
    pub(super) fn ids(&self) -> impl Iterator<Item = i64> {
        self.names.keys().copied()
    }

    /// All names in order.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.ids.keys().map(String::as_str)
    }

    /// Whether there is a pool of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.ids.contains_key(name)
    }

    /// The name of a pool.
    pub(super) fn name(&self, id: i64) -> &str {
        self.names.get(&id).map_or("", String::as_str)
    }

    /// The id of a pool, which is made if need be.
    pub(super) fn id(&mut self, connection: &Connection, name: &str) -> Result<i64, StoreError> {
        if let Some(id) = self.ids.get(name) {
            return Ok(*id);
        }
        connection
            .prepare_cached("INSERT INTO pools (name) VALUES (?1) ON CONFLICT DO NOTHING")?
            .execute([name])?;
        let id = connection
            .prepare_cached("SELECT id FROM pools WHERE name = ?1")?
            .query_row([name], |row| row.get(0))?;
        self.add(name.to_owned(), id);
        Ok(id)
    }
}

/// What a transaction adds to the totals of pools: each is written once, not once a delivery.
#[derive(Debug, Default)]
pub(super) struct Totals(BTreeMap<i64, ([i64; 3], Timestamp)>);

impl Totals {
    /// Adds to a pool what became known of one job.
    pub(super) fn add(
        &mut self,
        pool: i64,
        before: Option<&Stood>,
        after: &Row,
        event_at: Option<Timestamp>,
    ) {
        let was = before.map_or([0; 3], |stood| stood.totals);
        let is = totals(&after.job);
        let received_at = after.job.updated_at;
        let happened_at = event_at.map_or(received_at, |at| at.min(received_at));
        let (more, newest_at) = self.0.entry(pool).or_default();
        *more = std::array::from_fn(|i| more[i] + is[i] - was[i]);
        *newest_at = (*newest_at).max(happened_at);
    }

    /// Writes what was added since the last call.
    pub(super) fn save(&mut self, connection: &Connection) -> Result<(), StoreError> {
        for (pool, (more, newest_at)) in std::mem::take(&mut self.0) {
            add(connection, pool, more, newest_at)?;
        }
        Ok(())
    }
}

/// Adds to queued, started and completed of a pool.
pub(super) fn add(
    connection: &Connection,
    pool: i64,
    [queued, started, completed]: [i64; 3],
    newest_at: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE pools SET queued = queued + ?2, started = started + ?3, \
             completed = completed + ?4, newest_at = max(newest_at, ?5) WHERE id = ?1",
        )?
        .execute(params![pool, queued, started, completed, newest_at.as_millis()])?;
    Ok(())
}

/// What one job adds to queued, started and completed.
pub(super) fn totals(job: &Job) -> [i64; 3] {
    [job.seen.has(Phase::Queued), job.has_started(), job.seen.has(Phase::Completed)].map(i64::from)
}
