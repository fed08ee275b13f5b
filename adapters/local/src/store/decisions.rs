//! Decisions in the file.

use model::Timestamp;
use rusqlite::{Connection, params};

use crate::StoreError;
use crate::journal::Kept;

/// Bytes of decisions that are kept at most: a hundred thousand of a usual pool.
pub(super) const BYTES_MAX: i64 = 256 << 20;

/// Rows looked at in one transaction when old ones are let go.
const ROWS_MAX: i64 = 20_000;

/// Writes decisions.
pub(super) fn save(connection: &Connection, decisions: &[Kept]) -> Result<(), StoreError> {
    for kept in decisions {
        let text = |value: serde_json::Result<String>| {
            value.map_err(|_| StoreError::Damaged { what: "decision" })
        };
        let snapshot = text(serde_json::to_string(&kept.snapshot))?;
        let plan = text(serde_json::to_string(&kept.plan))?;
        connection
            .prepare_cached(
                "INSERT INTO decisions (pool, at, is_real, notable, snapshot, plan) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                kept.snapshot.pool,
                kept.at().as_millis(),
                kept.is_real,
                kept.is_notable(),
                snapshot,
                plan
            ])?;
    }
    Ok(())
}

/// Lets go of those from before an instant, and of the oldest while all together are too large.
pub(super) fn prune(
    connection: &Connection,
    before: Timestamp,
    bytes_max: i64,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "DELETE FROM decisions WHERE number IN \
             (SELECT number FROM decisions WHERE at < ?1 ORDER BY at LIMIT ?2)",
        )?
        .execute(params![before.as_millis(), ROWS_MAX])?;
    let (count, newest): (i64, Option<i64>) = connection
        .prepare_cached("SELECT count(*), max(number) FROM decisions")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let Some(newest) = newest else { return Ok(()) };
    // The sizes of some of the newest stand for all: summing up every row would take too long.
    let mean: Option<f64> = connection
        .prepare_cached(
            "SELECT avg(length(snapshot) + length(plan)) FROM \
             (SELECT snapshot, plan FROM decisions ORDER BY number DESC LIMIT 100)",
        )?
        .query_row([], |row| row.get(0))?;
    #[expect(clippy::cast_possible_truncation, reason = "a mean size in bytes")]
    let rows_max = bytes_max / (mean.unwrap_or(1.0) as i64).max(1);
    if count > rows_max {
        connection
            .prepare_cached("DELETE FROM decisions WHERE number <= ?1")?
            .execute([newest - rows_max])?;
    }
    Ok(())
}
