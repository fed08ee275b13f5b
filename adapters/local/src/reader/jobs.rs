//! Lists of jobs: those that wait longest, and those that had news last.

use std::collections::BTreeMap;

use ingest::Job;
use model::Timestamp;
use rusqlite::{Connection, OptionalExtension, ToSql, params};

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

/// By the primary key.
pub(super) const ATTEMPTS: &str = "job = ?1 ORDER BY attempt";

/// By the index `jobs_run`.
pub(super) const OF_RUN: &str = "run = ?1 LIMIT ?2";

/// By the index `jobs_open`: how many jobs of a pool in a stage come before one.
pub(super) const BEFORE: &str = "SELECT count(*) FROM jobs \
    WHERE open_stage = ?1 AND pool = (SELECT id FROM pools WHERE name = ?2) AND open_since < ?3";

/// By the index `jobs_repository`.
pub(super) const OF_REPOSITORY: &str = "closed_at IS NOT NULL AND repository = ?1 \
    AND closed_at < ?2 ORDER BY closed_at DESC LIMIT ?3";

/// By the index `jobs_closed`.
pub(super) const CLOSED_BEFORE: &str = "closed_at IS NOT NULL AND pool = ?1 \
    AND closed_at < ?2 ORDER BY closed_at DESC LIMIT ?3";

/// By the index `jobs_open`.
pub(super) const OPEN_OF: &str =
    "open_stage = ?1 AND pool = ?2 AND (?3 IS NULL OR repository = ?3) ORDER BY open_since";

/// By the index `jobs_repository`: the next repository in order.
pub(super) const NEXT_REPOSITORY: &str = "SELECT repository FROM jobs \
    WHERE closed_at IS NOT NULL AND repository > ?1 ORDER BY repository LIMIT 1";

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

/// Which jobs are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// Of this pool; of all if there is none.
    pub pool: Option<&'a str>,
    /// Of this repository; of all if there is none.
    pub repository: Option<&'a str>,
}

/// A job with everything that is known of when its news came.
#[derive(Clone, Debug, PartialEq)]
pub struct JobHistory {
    /// The job.
    pub job: Job,
    /// When its `in_progress` was received.
    pub running_since: Option<Timestamp>,
    /// When the news that it is over was received, or it was given up.
    pub closed_at: Option<Timestamp>,
}

impl Reader {
    /// Every attempt of that id, the first first; GitHub gives a new id to most of them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn job(&self, id: u64) -> Result<Vec<JobHistory>, StoreError> {
        self.ask(|connection| {
            histories(connection, &list_sql(ATTEMPTS), params![id.cast_signed()])
        })
    }

    /// The jobs of a workflow run, all attempts, in the order of their keys.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn jobs_of_run(&self, run: u64, limit: u32) -> Result<Vec<JobHistory>, StoreError> {
        self.ask(|connection| {
            let found = params![run.cast_signed(), limit];
            let mut jobs = histories(connection, &list_sql(OF_RUN), found)?;
            jobs.sort_by_key(|history| (history.job.key.attempt, history.job.key));
            Ok(jobs)
        })
    }

    /// How many jobs of a pool have waited for longer than since an instant.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn waiting_before(&self, pool: &str, since: Timestamp) -> Result<u64, StoreError> {
        self.ask(|connection| {
            let mut statement = connection.prepare_cached(BEFORE)?;
            let found = params![1, pool, since.as_millis()];
            Ok(statement.query_row(found, |row| row.get::<_, i64>(0))?.cast_unsigned())
        })
    }

    /// Jobs that wait now, the oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn waiting(&self, wanted: Wanted<'_>, limit: u32) -> Result<Vec<JobView>, StoreError> {
        self.ask(|connection| open(connection, 1, wanted, limit, false))
    }

    /// Jobs that run now, the one that started last first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn running(&self, wanted: Wanted<'_>, limit: u32) -> Result<Vec<JobView>, StoreError> {
        self.ask(|connection| open(connection, 2, wanted, limit, true))
    }

    /// Jobs that were over before an instant, the latest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn done(
        &self,
        wanted: Wanted<'_>,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<JobView>, StoreError> {
        self.ask(|connection| {
            let before = before.as_millis();
            let mut jobs = Vec::new();
            match wanted.repository {
                Some(repository) => {
                    let sql = list_sql(OF_REPOSITORY);
                    let named = names(connection)?;
                    // Of one repository and one pool, those of other pools are passed over.
                    let most = if wanted.pool.is_some() { PASSED_MAX } else { limit };
                    let found = params![repository, before, most];
                    each(connection, &sql, found, "closed_at", &named, |view| {
                        let fits = wanted.pool.is_none_or(|pool| view.job.pool == pool);
                        jobs.extend(fits.then_some(view));
                        jobs.len() < limit as usize
                    })?;
                }
                None => {
                    for (id, name) in pools_of(connection, wanted.pool)? {
                        let named = BTreeMap::from([(id, name)]);
                        let found = params![id, before, limit];
                        each(connection, &list_sql(CLOSED_BEFORE), found, "closed_at", &named, |view| {
                            jobs.push(view);
                            true
                        })?;
                    }
                }
            }
            jobs.sort_by_key(|view| std::cmp::Reverse((view.since, view.job.key)));
            jobs.truncate(limit as usize);
            Ok(jobs)
        })
    }

    /// Repositories with jobs that are over, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn repositories(&self, limit: u32) -> Result<Vec<String>, StoreError> {
        self.ask(|connection| {
            let mut next = connection.prepare_cached(NEXT_REPOSITORY)?;
            let mut names: Vec<String> = Vec::new();
            while names.len() < limit as usize {
                let after = names.last().map_or("", String::as_str);
                let found = next.query_row([after], |row| row.get(0)).optional()?;
                let Some(name) = found else { break };
                names.push(name);
            }
            Ok(names)
        })
    }
}

/// Jobs of other pools that are passed over at most.
const PASSED_MAX: u32 = 5_000;

fn open(
    connection: &Connection,
    stage: i64,
    wanted: Wanted<'_>,
    limit: u32,
    newest_first: bool,
) -> Result<Vec<JobView>, StoreError> {
    let mut jobs = Vec::new();
    let order = if newest_first { " DESC" } else { "" };
    let sql = list_sql(&format!("{OPEN_OF}{order}"));
    for (id, name) in pools_of(connection, wanted.pool)? {
        let named = BTreeMap::from([(id, name)]);
        let mut left = limit;
        let found = params![stage, id, wanted.repository];
        each(connection, &sql, found, "open_since", &named, |view| {
            jobs.push(view);
            left -= 1;
            left > 0
        })?;
    }
    jobs.sort_by_key(|view| (view.since, view.job.key));
    if newest_first {
        jobs.reverse();
    }
    jobs.truncate(limit as usize);
    Ok(jobs)
}

/// Hands rows to `take` until it has enough.
fn each(
    connection: &Connection,
    sql: &str,
    found: &[&dyn ToSql],
    since: &str,
    names: &BTreeMap<i64, String>,
    mut take: impl FnMut(JobView) -> bool,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(found)?;
    while let Some(row) = rows.next()? {
        let since = Timestamp::from_millis(row.get(since)?);
        let pool = names.get(&row.get::<_, i64>("pool")?).cloned().unwrap_or_default();
        if !take(JobView { job: read_job(row, pool)?, since }) {
            break;
        }
    }
    Ok(())
}

fn histories(
    connection: &Connection,
    sql: &str,
    found: &[&dyn ToSql],
) -> Result<Vec<JobHistory>, StoreError> {
    let named = names(connection)?;
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(found)?;
    let mut jobs = Vec::new();
    while let Some(row) = rows.next()? {
        let at = |column| row.get::<_, Option<i64>>(column).map(|at| at.map(Timestamp::from_millis));
        let pool = named.get(&row.get::<_, i64>("pool")?).cloned().unwrap_or_default();
        jobs.push(JobHistory {
            job: read_job(row, pool)?,
            running_since: at("running_since")?,
            closed_at: at("closed_at")?,
        });
    }
    Ok(jobs)
}

fn names(connection: &Connection) -> Result<BTreeMap<i64, String>, StoreError> {
    Ok(pools_of(connection, None)?.into_iter().collect())
}

fn pools_of(connection: &Connection, pool: Option<&str>) -> Result<Vec<(i64, String)>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT id, name FROM pools WHERE ?1 IS NULL OR name = ?1")?;
    let pools = statement.query_map([pool], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(pools.collect::<Result<_, _>>()?)
}

/// The first `limit` jobs of each pool: every order here is by an index that starts with the pool.
fn of_pools(
    connection: &Connection,
    pool: Option<&str>,
    condition: &str,
    since: &str,
    limit: u32,
) -> Result<Vec<JobView>, StoreError> {
    let pools = pools_of(connection, pool)?;
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
