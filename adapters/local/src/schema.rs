//! The layout of the file and the steps from one version to the next.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::StoreError;

/// Marks a SQLite file as ours: `HdRm` in ASCII.
const APPLICATION_ID: i64 = 0x4864_526d;

/// Layout N is reached from layout N-1 by the N-th step.
const STEPS: [&str; 7] = [
    include_str!("schema/0001.sql"),
    include_str!("schema/0002.sql"),
    include_str!("schema/0003.sql"),
    include_str!("schema/0004.sql"),
    include_str!("schema/0005.sql"),
    include_str!("schema/0006.sql"),
    include_str!("schema/0007.sql"),
];

/// Indexes of jobs by which only whoever reads searches. To sort a long history once takes a third of
/// the time in which each of its jobs finds its place.
const JOB_INDEXES: [(&str, &str); 5] = [
    ("jobs_closed", "ON jobs (pool, closed_at) WHERE closed_at IS NOT NULL"),
    ("jobs_waited", "ON jobs (pool, started_at, wait_secs) WHERE wait_secs IS NOT NULL"),
    ("jobs_queued", "ON jobs (pool, queued_received_at) WHERE queued_received_at IS NOT NULL"),
    ("jobs_run", "ON jobs (run)"),
    ("jobs_repository", "ON jobs (repository, closed_at) WHERE closed_at IS NOT NULL"),
];

/// How long a statement waits for another connection's lock.
const BUSY_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);

/// Pages of the log after which they are taken over into the file: 16 MB. A page that many batches
/// wrote is taken over once, so a longer log means less to write, and a longer pause now and then.
const WAL_PAGES: i64 = 4000;

/// Pages that the writer keeps in memory, in KiB: those of the jobs that are under way and the ends
/// of the indexes at 20,000 deliveries a second. With SQLite's 2 MB it reads them again and again.
const CACHE_KIB: i64 = 8 * 1024;

/// The newest layout that this version knows.
#[expect(clippy::cast_possible_wrap, reason = "there are few steps")]
pub(crate) const LAYOUT: i64 = STEPS.len() as i64;

/// Looks at what is there without touching it: neither a lock nor a log is left beside a file that
/// is not ours.
pub(crate) fn refuse_foreign(path: &Path) -> Result<(), StoreError> {
    refuse_folder(path)?;
    if path.exists() {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)
            .map_err(|source| StoreError::Open { path: path.to_owned(), source })?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        check(&connection, path)?;
    }
    Ok(())
}

/// Opens the file to write, makes it if need be, and brings it to the newest layout.
pub(crate) fn open_to_write(path: &Path) -> Result<Connection, StoreError> {
    let open = |source| StoreError::Open { path: path.to_owned(), source };
    let mut connection = Connection::open(path).map_err(open)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    keep_plans(&connection)?;
    let found = check(&connection, path)?;
    // Before the first table: afterwards it would take a VACUUM.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL").map_err(open)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(open)?;
    // FULL: a commit returns only after the log is on the disk, so that an acknowledged delivery
    // outlives a power failure and not only a killed process.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", WAL_PAGES)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.set_prepared_statement_cache_capacity(64);
    let transaction = connection.transaction()?;
    for step in &STEPS[usize::try_from(found).unwrap_or(0)..] {
        transaction.execute_batch(step)?;
    }
    // An import that was killed leaves none.
    build_job_indexes(&transaction)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", LAYOUT)?;
    transaction.commit()?;
    Ok(connection)
}

/// Takes away what [`build_job_indexes`] builds. Until then questions are answered slowly.
pub(crate) fn drop_job_indexes(connection: &Connection) -> Result<(), StoreError> {
    for (name, _) in JOB_INDEXES {
        connection.execute_batch(&format!("DROP INDEX IF EXISTS {name}"))?;
    }
    Ok(())
}

/// Builds the indexes of jobs that are missing.
pub(crate) fn build_job_indexes(connection: &Connection) -> Result<(), StoreError> {
    for (name, on) in JOB_INDEXES {
        connection.execute_batch(&format!("CREATE INDEX IF NOT EXISTS {name} {on}"))?;
    }
    Ok(())
}

/// Statements are not planned anew for each value that they are asked with.
/// <https://www.sqlite.org/c3ref/c_dbconfig_defensive.html#sqlitedbconfigenableqpsg>
fn keep_plans(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(|_| ())
}

/// Opens an existing file of the newest layout to read.
pub(crate) fn open_to_read(path: &Path) -> Result<Connection, StoreError> {
    refuse_folder(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)
        .map_err(|source| StoreError::Open { path: path.to_owned(), source })?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    keep_plans(&connection)?;
    connection.set_prepared_statement_cache_capacity(32);
    match check(&connection, path)? {
        0 => Err(StoreError::Foreign { path: path.to_owned() }),
        found if found < LAYOUT => {
            Err(StoreError::Older { path: path.to_owned(), found, known: LAYOUT })
        }
        _ => Ok(connection),
    }
}

fn refuse_folder(path: &Path) -> Result<(), StoreError> {
    match path.is_dir() {
        true => Err(StoreError::Folder { path: path.to_owned() }),
        false => Ok(()),
    }
}

/// The layout of the file: 0 when it is empty.
fn check(connection: &Connection, path: &Path) -> Result<i64, StoreError> {
    let number = |pragma: &str| {
        connection
            .pragma_query_value(None, pragma, |row| row.get::<_, i64>(0))
            .map_err(|source| StoreError::Open { path: path.to_owned(), source })
    };
    let (application, layout) = (number("application_id")?, number("user_version")?);
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|source| StoreError::Open { path: path.to_owned(), source })?;
    if application != APPLICATION_ID && (application != 0 || layout != 0 || tables > 0) {
        return Err(StoreError::Foreign { path: path.to_owned() });
    }
    if layout > LAYOUT {
        return Err(StoreError::Newer { path: path.to_owned(), found: layout, known: LAYOUT });
    }
    Ok(if tables == 0 { 0 } else { layout })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_that_are_built_again_are_those_of_the_layout() {
        let folder = tempfile::tempdir().unwrap();
        let connection = open_to_write(&folder.path().join("headroom.db")).unwrap();
        let indexes = || {
            let mut statement = connection
                .prepare("SELECT sql FROM sqlite_schema WHERE tbl_name = 'jobs' ORDER BY name")
                .unwrap();
            let rows = statement.query_map([], |row| row.get::<_, Option<String>>(0)).unwrap();
            let words = |sql: String| sql.split_whitespace().collect::<Vec<_>>().join(" ");
            rows.filter_map(|sql| sql.unwrap().map(words)).collect::<Vec<_>>()
        };
        let all = indexes();
        drop_job_indexes(&connection).unwrap();
        assert_eq!(indexes().len(), all.len() - JOB_INDEXES.len());
        build_job_indexes(&connection).unwrap();
        assert_eq!(indexes(), all);
    }
}
