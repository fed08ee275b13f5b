//! Jobs whose next event never came.
//!
//! A job is given up at the instant at which it became overdue, not at the one at which somebody
//! looked: so the end does not depend on how an import was cut into pieces.

use ingest::Observer;
use model::Timestamp;
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
}

impl GiveUp<'_> {
    /// Gives up all jobs that are overdue at `newest`: how many.
    pub(super) fn all(&mut self, newest: Timestamp) -> Result<u64, StoreError> {
        let mut count = 0;
        loop {
            let overdue = jobs::overdue(self.connection, self.pools, newest)?;
            if overdue.is_empty() {
                return Ok(count);
            }
            for (row, pool) in overdue {
                let at = due(&row).unwrap_or(newest);
                jobs::save(self.connection, &row.given_up(at), pool)?;
                let (pool, stage) = (&row.job.pool, row.job.stage());
                self.tally.note(&self.observer.expired(pool, stage, 1, at));
                count += 1;
            }
        }
    }
}

fn due(row: &Row) -> Option<Timestamp> {
    Some(row.open_since?.plus(age_max(row.job.stage())?))
}
