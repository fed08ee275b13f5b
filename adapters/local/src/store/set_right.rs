//! What happens when the clock was ahead and is set right.
//!
//! Minutes are counted by receipt and only go forward, so a clock that ran ahead would leave the
//! open minute in the future until time catches up. Which of two times is right, the one before the
//! step or the one after, is told by GitHub: its stamps are of another clock. If the present lies
//! before the newest event that GitHub told of, it is the present that is wrong, as on a machine
//! that has just begun to run; then everything stays as it is and time catches up.
//!
//! Otherwise whatever was counted after the present belongs to the minutes around it. What was
//! published already goes into the present minute and is not published again; the rest goes into the
//! next one, which is opened. Levels of a time that has not been are let go, and jobs entered their
//! stages now at the latest.

use std::collections::BTreeMap;
use std::time::Duration;

use model::series::Aggregate;
use model::{Kind, Timestamp, catalogue};
use rusqlite::{Connection, params};

use super::points::{self, aggregate_from};
use super::{meta, minute_of};
use crate::StoreError;

/// A step back of the clock up to this is none: a delivery can be 18 s old when it reaches the store
/// (10 s for its body, 8 s in the queue), and what a time server corrects in one step is less.
pub(crate) const BACK_MAX: Duration = Duration::from_mins(2);

/// Whether the open minute lies in the future.
pub(super) fn is_ahead(open: Option<i64>, now: Timestamp) -> bool {
    open.is_some_and(|open| open > minute_of(now.plus(BACK_MAX)))
}

/// Brings everything in the file to the present, in which no minute is open yet; whether it did.
pub(super) fn set_right(
    connection: &Connection,
    open: i64,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let newest: Option<i64> =
        connection.query_row("SELECT max(newest_at) FROM pools", [], |row| row.get(0))?;
    if newest.is_some_and(|newest| newest > now.plus(BACK_MAX).as_millis()) {
        return Ok(false);
    }
    let present = minute_of(now);
    move_points(connection, present)?;
    bring_jobs_to(connection, now)?;
    meta::set(connection, meta::OPEN_MINUTE, present + 1)?;
    if let Some(published) = meta::get(connection, meta::PUBLISHED_MINUTE)? {
        meta::set(connection, meta::PUBLISHED_MINUTE, published.min(present))?;
    }
    tracing::warn!(minutes = open - present, "the clock was ahead and is set right");
    Ok(true)
}

/// Counts by series and by the minute that they belong to.
type Counts = BTreeMap<(i64, i64), Aggregate>;

fn move_points(connection: &Connection, present: i64) -> Result<(), StoreError> {
    let mut write = connection.prepare_cached(points::WRITE)?;
    let mut delete =
        connection.prepare_cached("DELETE FROM points WHERE series = ?1 AND minute > ?2")?;
    let counts = counts_after(connection, present)?;
    for series in series_after(connection, present)? {
        delete.execute([series, present])?;
    }
    for ((series, minute), counted) in counts {
        let mut sum = points::row(connection, series, minute)?.unwrap_or_default();
        sum.merge(&counted);
        points::write_row(&mut write, series, minute, &sum)?;
    }
    Ok(())
}

fn counts_after(connection: &Connection, present: i64) -> Result<Counts, StoreError> {
    let published = meta::get(connection, meta::PUBLISHED_MINUTE)?.unwrap_or(present);
    let mut statement = connection.prepare(
        "SELECT series.id, metric, minute, samples, sum, max, last, histogram FROM series \
         JOIN points ON points.series = series.id AND minute > ?1 ORDER BY series.id, minute",
    )?;
    let mut rows = statement.query([present])?;
    let mut counts = Counts::new();
    while let Some(row) = rows.next()? {
        let metric: String = row.get("metric")?;
        if catalogue::by_name(&metric).is_some_and(|spec| spec.kind != Kind::Level) {
            let is_published = row.get::<_, i64>("minute")? <= published;
            let minute = if is_published { present } else { present + 1 };
            counts.entry((row.get("id")?, minute)).or_default().merge(&aggregate_from(row, 3)?);
        }
    }
    Ok(counts)
}

fn series_after(connection: &Connection, present: i64) -> Result<Vec<i64>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT id FROM series \
         WHERE EXISTS (SELECT 1 FROM points WHERE points.series = series.id AND minute > ?1)",
    )?;
    let ids = statement.query_map([present], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// What was received in the future was received now.
fn bring_jobs_to(connection: &Connection, now: Timestamp) -> Result<(), StoreError> {
    const RECEIPTS: &str = "updated_at = min(updated_at, ?1), \
        queued_received_at = min(queued_received_at, ?1), running_since = min(running_since, ?1)";
    for sql in [
        format!(
            "UPDATE jobs SET open_since = ?1, {RECEIPTS} \
             WHERE open_stage IN (0, 1, 2) AND open_since > ?1"
        ),
        format!(
            "UPDATE jobs SET closed_at = ?1, {RECEIPTS} \
             WHERE pool IN (SELECT id FROM pools) AND closed_at > ?1"
        ),
        "UPDATE pools SET newest_at = ?1 WHERE newest_at > ?1".to_owned(),
        "UPDATE deliveries SET received_at = ?1 WHERE received_at > ?1".to_owned(),
    ] {
        connection.execute(&sql, params![now.as_millis()])?;
    }
    Ok(())
}
