//! What lies in a store, read without the server that wrote it.

use std::path::Path;
use std::time::Duration;

use local::Reader;
use model::{Dimensions, Spec, Timestamp};

/// Everything that was ever counted of a metric under these dimensions: its sum and its samples.
pub(crate) fn counted(store: &Path, spec: &'static Spec, by: &Dimensions) -> (u64, u64) {
    let reader = Reader::open(store).unwrap();
    let (from, to) = (Timestamp::EPOCH, Timestamp::from_secs(1 << 40));
    let minutes = reader.aggregates(spec, by, Duration::from_mins(1), from, to).unwrap();
    let add = |(sum, samples), (_, minute): (Timestamp, model::series::Aggregate)| {
        (sum + minute.sum, samples + minute.samples)
    };
    minutes.into_iter().fold((0, 0), add)
}

/// Makes a store say that it is of this layout.
pub(crate) fn with_layout(store: &Path, layout: u32) {
    let connection = rusqlite::Connection::open(store).unwrap();
    connection.pragma_update(None, "user_version", layout).unwrap();
}

/// Keeps everybody else from writing to a store until it is dropped. Reading goes on.
pub(crate) fn locked(store: &Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(store).unwrap();
    connection.busy_timeout(super::PATIENCE).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    connection
}

/// Makes a store refuse a job that is new to it, and with it the batch that it is in, until this is
/// dropped.
pub(crate) struct Refusing(rusqlite::Connection);

impl Refusing {
    pub(crate) fn job(store: &Path, id: u64) -> Self {
        let connection = rusqlite::Connection::open(store).unwrap();
        let condition = format!("WHEN NEW.job = {id}");
        let raise = "BEGIN SELECT RAISE(ABORT, 'no space left'); END";
        let trigger = format!("CREATE TRIGGER refuses BEFORE INSERT ON jobs {condition} {raise}");
        connection.execute_batch(&trigger).unwrap();
        Refusing(connection)
    }
}

impl Drop for Refusing {
    fn drop(&mut self) {
        self.0.execute_batch("DROP TRIGGER refuses").unwrap();
    }
}
