//! Statements on jobs, prepared once for a transaction and not once for each delivery.
//!
//! A job is written up to four times, and each time only some of what is indexed changes. An update
//! names exactly that: SQLite takes an index whose columns are named for changed, and writes it.

use std::sync::LazyLock;

use model::{Conclusion, JobKey, Timestamp};
use rusqlite::{CachedStatement, Connection, params};

use super::jobs::{self, Row, Stood, open_stage};
use super::pools::Pools;
use crate::StoreError;

/// What lies together in an index, and its bit.
const PARTS: [&str; 4] = [
    "queued_received_at = ?3",
    "open_stage = ?4, open_since = ?5",
    "closed_at = ?6",
    "started_at = ?7, wait_secs = ?8",
];

/// What lies in no index is written each time.
const REST: &str = "seen = ?9, created_at = ?10, asked_at = ?11, started = ?12, \
    completed_at = ?13, conclusion = ?14, runner = ?15, runner_group = ?16, updated_at = ?17, \
    expired = ?18, running_since = ?19";

/// One for each set of [`PARTS`].
static UPDATES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let parts = |set: usize| {
        let part = |(i, part): (usize, &&str)| (set & 1 << i != 0).then(|| format!(", {part}"));
        PARTS.iter().enumerate().filter_map(part).collect::<String>()
    };
    (0..1 << PARTS.len())
        .map(|set| format!("UPDATE jobs SET {REST}{} WHERE job = ?1 AND attempt = ?2", parts(set)))
        .collect()
});

/// The jobs of a file within a transaction.
pub(super) struct Rows<'a> {
    connection: &'a Connection,
    find: CachedStatement<'a>,
    insert: CachedStatement<'a>,
    /// In the order of [`UPDATES`].
    updates: [Option<CachedStatement<'a>>; 1 << PARTS.len()],
}

impl<'a> Rows<'a> {
    pub(super) fn new(connection: &'a Connection) -> Result<Self, StoreError> {
        Ok(Rows {
            connection,
            find: connection.prepare_cached(&jobs::FIND)?,
            insert: connection.prepare_cached(jobs::INSERT)?,
            updates: std::array::from_fn(|_| None),
        })
    }

    /// What is known of a job.
    pub(super) fn find(&mut self, key: JobKey, pools: &Pools) -> Result<Option<Row>, StoreError> {
        jobs::find_by(&mut self.find, key, pools)
    }

    /// Writes a job that stood in the file as `before` says, or was not there.
    pub(super) fn save(
        &mut self,
        before: Option<&Stood>,
        row: &Row,
        pool: i64,
    ) -> Result<(), StoreError> {
        match before {
            None => jobs::save_by(&mut self.insert, row, pool),
            Some(before) => self.update(before, row),
        }
    }

    fn update(&mut self, before: &Stood, row: &Row) -> Result<(), StoreError> {
        let (job, after) = (&row.job, Stood::of(row));
        let millis = |at: Option<Timestamp>| at.map(Timestamp::as_millis);
        self.by(changed(before, &after))?.execute(params![
            job.key.job.cast_signed(),
            job.key.attempt,
            millis(after.queued_received_at),
            open_stage(after.stage),
            millis(after.open_since),
            millis(after.closed_at),
            millis(after.started_at),
            after.wait_secs,
            job.seen.bits(),
            millis(job.created_at),
            millis(job.asked_at),
            jobs::started(job),
            millis(job.completed_at),
            job.conclusion.map(Conclusion::as_str),
            job.runner,
            job.runner_group,
            job.updated_at.as_millis(),
            job.expired,
            millis(row.running_since),
        ])?;
        Ok(())
    }

    fn by(&mut self, set: usize) -> Result<&mut CachedStatement<'a>, StoreError> {
        let place = &mut self.updates[set];
        if place.is_none() {
            *place = Some(self.connection.prepare_cached(&UPDATES[set])?);
        }
        Ok(place.as_mut().expect("it was prepared just now"))
    }
}

/// The set of [`PARTS`] that an event changed.
fn changed(before: &Stood, after: &Stood) -> usize {
    [
        before.queued_received_at != after.queued_received_at,
        (open_stage(before.stage), before.open_since)
            != (open_stage(after.stage), after.open_since),
        before.closed_at != after.closed_at,
        (before.started_at, before.wait_secs) != (after.started_at, after.wait_secs),
    ]
    .into_iter()
    .enumerate()
    .map(|(i, is_changed)| usize::from(is_changed) << i)
    .sum()
}
