//! How the file is kept while an import runs, and left when it ends.

use std::path::Path;

use model::Timestamp;
use rusqlite::Connection;

use super::super::meta;
use crate::{StoreError, schema};

/// Pages kept in memory, in KiB: the inner pages of the tables of a few million jobs.
const CACHE_KIB: i64 = 192 * 1024;

/// Pages of the log before it is carried over into the file: 64 MiB, so that a page that many
/// chunks change is carried over once.
const CHECKPOINT_PAGES: i64 = 64 * 1024;

/// Nobody waits for an acknowledgement: what is imported lies in a file that can be read again.
/// So a chunk that a power failure takes away is no loss, and `NORMAL` saves the wait for the disk
/// at each commit. It still keeps the order of writes, so that the history that was there before
/// stays whole, which `OFF` would not.
pub(super) fn begin(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    Ok(())
}

/// A connection that sorts the jobs of a long history, which takes room that does not belong into
/// memory. The one that writes keeps its small notes in memory: in a file they cost as much as all
/// the rest.
pub(super) fn open_to_sort(path: &Path) -> Result<Connection, StoreError> {
    let connection = schema::open_to_read(path)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB / 4)?;
    connection.pragma_update(None, "temp_store", "FILE")?;
    Ok(connection)
}

/// The indexes of jobs are all there. A long history is sorted in files, not in memory.
pub(super) fn build_indexes(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "temp_store", "FILE")?;
    let built = schema::build_job_indexes(connection);
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    built
}

/// Everything is on the disk, and the log is empty.
pub(super) fn end(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

/// The newest instant that the history knows of, not before `to`.
pub(super) fn newest(connection: &Connection, to: Timestamp) -> Result<Timestamp, StoreError> {
    let stated: Option<i64> =
        connection.query_row("SELECT max(newest_at) FROM pools", [], |row| row.get(0))?;
    let counted = meta::get(connection, meta::OPEN_MINUTE)?.map(|minute| minute * 60_000);
    let known = stated.max(counted).unwrap_or(0);
    Ok(to.max(Timestamp::from_millis(known)))
}

/// A writer that starts within the minute up to which was imported continues that minute.
pub(super) fn open_minute(connection: &Connection, to: i64, now: i64) -> Result<(), StoreError> {
    let open = meta::get(connection, meta::OPEN_MINUTE)?;
    match to >= now && open.is_none_or(|open| open < now) {
        true => meta::set(connection, meta::OPEN_MINUTE, now),
        false => Ok(()),
    }
}
