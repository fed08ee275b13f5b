//! Jobs of which nobody hears any more.
//!
//! A job is given up at the instant at which it became overdue, not at the one at which somebody
//! looked: so the end does not depend on how an import was cut into pieces.

use std::collections::BTreeMap;

use ingest::Observer;
use model::{JobKey, Timestamp};
use rusqlite::Connection;

use super::super::jobs::{self, Row, age_max};
use super::super::pools::Pools;
use super::tally::Tally;
use crate::StoreError;

/// What giving up needs and changes.
pub(super) struct GiveUp<'a> {
    pub(super) connection: &'a Connection,
    pub(super) observer: &'a Observer,
    pub(super) pools: &'a Pools,
    pub(super) tally: &'a mut Tally,
    /// Jobs that were given up.
    pub(super) count: u64,
}

impl GiveUp<'_> {
    /// Gives up the jobs that somebody gave up at these instants, unless news came later: the earliest
    /// at which one was.
    pub(super) fn gone(
        &mut self,
        gone: &BTreeMap<JobKey, Timestamp>,
    ) -> Result<Option<Timestamp>, StoreError> {
        let mut earliest = None;
        for (key, at) in gone {
            let open = jobs::open(self.connection, self.pools, *key)?;
            let Some((row, pool)) = open.filter(|(row, _)| row.open_since <= Some(*at)) else {
                continue;
            };
            let at = due(&row).map_or(*at, |due| due.min(*at));
            self.one(&row, pool, at)?;
            earliest = Some(earliest.map_or(at, |it: Timestamp| it.min(at)));
        }
        Ok(earliest)
    }

    /// Gives up all jobs that are overdue at `newest`.
    pub(super) fn overdue(&mut self, newest: Timestamp) -> Result<(), StoreError> {
        loop {
            let overdue = jobs::overdue(self.connection, self.pools, newest)?;
            if overdue.is_empty() {
                return Ok(());
            }
            for (row, pool) in overdue {
                self.one(&row, pool, due(&row).unwrap_or(newest))?;
            }
        }
    }

    fn one(&mut self, row: &Row, pool: i64, at: Timestamp) -> Result<(), StoreError> {
        jobs::save(self.connection, &row.given_up(at), pool)?;
        self.tally.note(&self.observer.expired(&row.job.pool, row.job.stage(), 1, at));
        self.count += 1;
        Ok(())
    }
}

fn due(row: &Row) -> Option<Timestamp> {
    Some(row.open_since?.plus(age_max(row.job.stage())?))
}
