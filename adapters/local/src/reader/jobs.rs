//! Lists of jobs: those that wait longest, and those that had news last.

use ingest::Job;
use model::Timestamp;
use rusqlite::{Connection, params};

use super::Reader;
use crate::StoreError;
use crate::store::{COLUMNS, read_job};

/// By the index `jobs_open`.
pub(super) const WAITING: &str = "open_stage = 1 AND pool = ?1 ORDER BY open_since LIMIT ?2";

/// By the index `jobs_open`.
pub(super) const RUNNING: &str = "open_stage = 2 AND pool = ?1 ORDER BY open_since DESC LIMIT ?2";

/// By the index `jobs_closed`.
pub(super) const CLOSED: &str =
    "closed_at IS NOT NULL AND pool = ?1 ORDER BY closed_at DESC LIMIT ?2";

/// Jobs that meet a condition.
pub(super) fn list_sql(condition: &str) -> String {
    format!("SELECT {COLUMNS} FROM jobs WHERE {condition}")
}

/// A job and since when it stands where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct JobView {
    /// The job.
    pub job: Job,
    /// When it entered its stage, by receipt.
    pub since: Timestamp,
}

impl Reader {
    /// Jobs that wait now, the oldest first, of one pool or of all.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn longest_waiting(
        &self,
        pool: Option<&str>,
        limit: u32,
    ) -> Result<Vec<JobView>, StoreError> {
        self.ask(|connection| {
            let mut jobs = of_pools(connection, pool, WAITING, "open_since", limit)?;
            jobs.sort_by_key(|view| (view.since, view.job.key));
            jobs.truncate(limit as usize);
            Ok(jobs)
        })
    }

    /// Jobs that started or ended last, the latest first, of one pool or of all.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn recent(&self, pool: Option<&str>, limit: u32) -> Result<Vec<JobView>, StoreError> {
        self.ask(|connection| {
            let mut jobs = of_pools(connection, pool, RUNNING, "open_since", limit)?;
            jobs.extend(of_pools(connection, pool, CLOSED, "closed_at", limit)?);
            jobs.sort_by_key(|view| std::cmp::Reverse((view.since, view.job.key)));
            jobs.truncate(limit as usize);
            Ok(jobs)
        })
    }
}

/// The first `limit` jobs of each pool: every order here is by an index that starts with the pool.
fn of_pools(
    connection: &Connection,
    pool: Option<&str>,
    condition: &str,
    since: &str,
    limit: u32,
) -> Result<Vec<JobView>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT id, name FROM pools WHERE ?1 IS NULL OR name = ?1")?;
    let pools: Vec<(i64, String)> = statement
        .query_map([pool], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let mut statement = connection.prepare_cached(&list_sql(condition))?;
    let mut jobs = Vec::new();
    for (id, name) in pools {
        let rows = statement.query_map(params![id, limit], |row| {
            let since = Timestamp::from_millis(row.get(since)?);
            Ok(JobView { job: read_job(row, name.clone())?, since })
        })?;
        for row in rows {
            jobs.push(row?);
        }
    }
    Ok(jobs)
}
