//! Lets go of what is older than its retention, a little each minute so that no delivery waits.

use model::{Phase, Pool, Timestamp};
use rusqlite::{Connection, params};

use super::Retention;
use super::{decisions, minute_of, news};
use crate::StoreError;

/// Rows of each kind let go in one transaction. This keeps up with 333 deliveries a second day and
/// night, and takes about as long as a full batch of deliveries.
const ROWS_MAX: i64 = 20_000;

/// Pages given back to the file system in one transaction: 1 MiB.
const PAGES_MAX: i64 = 256;

/// Free pages below this share of the file are kept for what comes next: a tenth.
const FREE_SHARE: i64 = 10;

/// Finished jobs by the index `jobs_closed`.
pub(super) const OLD_JOBS: &str = "SELECT job, attempt, pool, seen, started FROM jobs \
    WHERE pool IN (SELECT id FROM pools) AND closed_at < ?1 LIMIT ?2";

/// By the indexes `jobs_closed` and `jobs_open`: every job is in one of them.
pub(super) const EMPTY_POOLS: &str = "SELECT id, name FROM pools \
    WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE pool = pools.id AND closed_at IS NOT NULL) \
    AND NOT EXISTS (SELECT 1 FROM jobs WHERE open_stage IN (0, 1, 2) AND pool = pools.id)";

/// Lets go of some old rows, and gives back the ids of series that have none left. `minute` chooses
/// the series whose points are looked at: each in turn.
pub(super) fn some(
    connection: &Connection,
    retention: Retention,
    minute: Option<i64>,
    now: Timestamp,
) -> Result<Option<i64>, StoreError> {
    deliveries(connection, now.minus(retention.deliveries))?;
    jobs(connection, now.minus(retention.jobs))?;
    decisions::prune(connection, now.minus(retention.series), decisions::BYTES_MAX)?;
    news::prune(connection, now.minus(retention.series), now)?;
    let series = points(connection, minute.unwrap_or(0), now.minus(retention.series))?;
    free_pages(connection)?;
    Ok(series)
}

/// Lets go of the pools of which no job is left, unless the configuration names them; gives their
/// ids. So a label set that is no longer used frees its place for another.
pub(super) fn pools(connection: &Connection, configured: &[Pool]) -> Result<Vec<i64>, StoreError> {
    let mut empty = connection.prepare_cached(EMPTY_POOLS)?;
    let rows = empty.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut gone = Vec::new();
    for row in rows {
        let (id, name): (i64, String) = row?;
        if !configured.iter().any(|pool| pool.name == name) {
            gone.push(id);
        }
    }
    for id in &gone {
        connection.prepare_cached("DELETE FROM pools WHERE id = ?1")?.execute([id])?;
    }
    Ok(gone)
}

/// Numbers rise with the time of receipt, so the old ones are the first.
fn deliveries(connection: &Connection, before: Timestamp) -> Result<(), StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT number, received_at FROM deliveries ORDER BY number LIMIT ?1")?;
    let rows = statement.query_map([ROWS_MAX], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut last_old: Option<i64> = None;
    for row in rows {
        let (number, received_at): (i64, i64) = row?;
        if received_at >= before.as_millis() {
            break;
        }
        last_old = Some(number);
    }
    if let Some(number) = last_old {
        connection
            .prepare_cached("DELETE FROM deliveries WHERE number <= ?1")?
            .execute([number])?;
    }
    Ok(())
}

/// Jobs leave the totals of their pool with their rows.
fn jobs(connection: &Connection, before: Timestamp) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(OLD_JOBS)?;
    let mut rows = statement.query(params![before.as_millis(), ROWS_MAX])?;
    let mut old = Vec::new();
    while let Some(row) = rows.next()? {
        old.push((
            (row.get::<_, i64>(0)?, row.get::<_, i64>(1)?),
            (row.get::<_, i64>(2)?, row.get::<_, u8>(3)?, row.get::<_, i64>(4)?),
        ));
    }
    for ((job, attempt), (pool, seen, started)) in old {
        let seen = ingest::ledger::Seen::from_bits(seen);
        connection
            .prepare_cached("DELETE FROM jobs WHERE job = ?1 AND attempt = ?2")?
            .execute([job, attempt])?;
        connection
            .prepare_cached(
                "UPDATE pools SET queued = queued - ?2, started = started - ?3, \
                 completed = completed - ?4 WHERE id = ?1",
            )?
            .execute(params![
                pool,
                seen.has(Phase::Queued),
                started > 0,
                seen.has(Phase::Completed)
            ])?;
    }
    Ok(())
}

/// One series each minute, in turn; its id when nothing is left of it.
fn points(
    connection: &Connection,
    minute: i64,
    before: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let id: Option<i64> = connection
        .prepare_cached("SELECT 1 + ?1 % max(id) FROM series")?
        .query_row([minute], |row| row.get(0))?;
    let Some(id) = id else { return Ok(None) };
    connection
        .prepare_cached("DELETE FROM points WHERE series = ?1 AND minute < ?2")?
        .execute([id, minute_of(before)])?;
    let gone = connection
        .prepare_cached(
            "DELETE FROM series WHERE id = ?1 \
             AND NOT EXISTS (SELECT 1 FROM points WHERE series = ?1)",
        )?
        .execute([id])?;
    Ok((gone > 0).then_some(id))
}

/// Gives back what a large past left free.
fn free_pages(connection: &Connection) -> Result<(), StoreError> {
    let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let (free, all) = (number("freelist_count")?, number("page_count")?);
    if free > (all / FREE_SHARE).max(PAGES_MAX) {
        let sql = format!("PRAGMA incremental_vacuum({PAGES_MAX})");
        let mut steps = connection.prepare(&sql)?;
        let mut rows = steps.query([])?;
        while rows.next()?.is_some() {}
    }
    Ok(())
}
