//! What the scaler decided, the latest first.

use model::Timestamp;
use rusqlite::{Connection, Row, params};

use super::Reader;
use crate::StoreError;
use crate::journal::Kept;

const COLUMNS: &str = "SELECT is_real, snapshot, plan FROM decisions";

impl Reader {
    /// Decisions of a stretch of time, its end left out, the latest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn decisions_between(
        &self,
        pool: Option<&str>,
        (from, to): (Timestamp, Timestamp),
        notable: bool,
        limit: u32,
    ) -> Result<Vec<Kept>, StoreError> {
        self.ask(|connection| of(connection, pool, (from, to, notable), limit))
    }

    /// Decisions since an instant, the latest first, of one pool or of all; with `notable` only
    /// those that a reader should see.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn decisions(
        &self,
        pool: Option<&str>,
        since: Timestamp,
        notable: bool,
        limit: u32,
    ) -> Result<Vec<Kept>, StoreError> {
        let to = Timestamp::from_millis(i64::MAX);
        self.decisions_between(pool, (since, to), notable, limit)
    }
}

fn of(
    connection: &Connection,
    pool: Option<&str>,
    (since, to, notable): (Timestamp, Timestamp, bool),
    limit: u32,
) -> Result<Vec<Kept>, StoreError> {
    let [since, to] = [since, to].map(Timestamp::as_millis);
    let latest = "AND at < ?4 AND notable >= ?3 ORDER BY at DESC, number DESC LIMIT ?2";
    let mut kept = Vec::new();
    let mut take = |row: &Row<'_>| -> Result<(), StoreError> {
        let text = |column: &str| row.get::<_, String>(column);
        let damaged = |_| StoreError::Damaged { what: "decision" };
        kept.push(Kept {
            is_real: row.get("is_real")?,
            snapshot: serde_json::from_str(&text("snapshot")?).map_err(damaged)?,
            plan: serde_json::from_str(&text("plan")?).map_err(damaged)?,
        });
        Ok(())
    };
    match pool {
        Some(pool) => {
            let sql = format!("{COLUMNS} WHERE pool = ?5 AND at >= ?1 {latest}");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(params![since, limit, notable, to, pool])?;
            while let Some(row) = rows.next()? {
                take(row)?;
            }
        }
        None => {
            let sql = format!("{COLUMNS} WHERE at >= ?1 {latest}");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(params![since, limit, notable, to])?;
            while let Some(row) = rows.next()? {
                take(row)?;
            }
        }
    }
    Ok(kept)
}
