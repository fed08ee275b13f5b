//! Numbers that belong to the file as a whole.

use rusqlite::{Connection, OptionalExtension, params};

use crate::StoreError;

/// The minute that is being counted.
pub(super) const OPEN_MINUTE: &str = "open_minute";

/// The last minute that was published.
pub(super) const PUBLISHED_MINUTE: &str = "published_minute";

/// The first day, counted since the epoch, of which nothing is told by the hour.
pub(super) const HOURS_UNTIL_DAY: &str = "hours_until_day";

/// Reads one; `None` before it was set.
pub(super) fn get(connection: &Connection, key: &str) -> Result<Option<i64>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
    Ok(statement.query_row([key], |row| row.get(0)).optional()?)
}

/// Sets one.
pub(super) fn set(connection: &Connection, key: &str, value: i64) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)")?
        .execute(params![key, value])?;
    Ok(())
}
