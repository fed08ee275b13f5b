//! Lets go of what is older than its retention, a little each minute so that no delivery waits.

use model::{Phase, Timestamp};
use rusqlite::{Connection, params};

use super::Retention;
use super::book::minute_of;
use crate::StoreError;

/// Rows of each kind let go in one transaction: faster than a busy organisation makes new ones
/// (600,000 jobs a day are 417 a minute), and few enough to take milliseconds.
const ROWS_MAX: i64 = 2_000;

/// Lets go of some old rows. `minute` chooses the series whose points are looked at: each in turn.
pub(super) fn some(
    connection: &Connection,
    retention: Retention,
    minute: Option<i64>,
    now: Timestamp,
) -> Result<(), StoreError> {
    deliveries(connection, now.minus(retention.deliveries))?;
    jobs(connection, now.minus(retention.jobs))?;
    points(connection, minute.unwrap_or(0), now.minus(retention.series))
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
    let mut statement = connection.prepare_cached(
        "SELECT job, attempt, pool, seen, started FROM jobs \
         WHERE pool IN (SELECT id FROM pools) AND closed_at < ?1 LIMIT ?2",
    )?;
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

/// One series each minute, in turn.
fn points(connection: &Connection, minute: i64, before: Timestamp) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "DELETE FROM points WHERE minute < ?2 AND series = \
             (SELECT 1 + ?1 % max(id) FROM series)",
        )?
        .execute(params![minute, minute_of(before)])?;
    Ok(())
}
