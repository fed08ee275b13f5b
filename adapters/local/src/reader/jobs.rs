//! Lists of jobs: those that wait longest, those that run, those that are over.
//!
//! An order over several pools is found by indexes alone, each pool's as far as it can still
//! contribute; only the jobs that are handed out are read.

use std::collections::BTreeMap;

use ingest::Job;
use ingest::ledger::Seen;
use model::{JobKey, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

use super::Reader;
use crate::StoreError;
use crate::store::{COLUMNS, read_job};

/// By the index `jobs_open`: the oldest in a stage, none younger than ?3.
pub(super) const OLDEST: &str = "SELECT open_since, job, attempt FROM jobs \
    WHERE open_stage = ?1 AND pool = ?2 AND open_since <= ?3 ORDER BY open_since LIMIT ?4";

/// By the index `jobs_open`: the newest in a stage, none older than ?3.
pub(super) const NEWEST: &str = "SELECT open_since, job, attempt FROM jobs \
    WHERE open_stage = ?1 AND pool = ?2 AND open_since >= ?3 ORDER BY open_since DESC LIMIT ?4";

/// By the index `jobs_closed`: the last that were over before ?1, none older than ?3.
pub(super) const LAST: &str = "SELECT closed_at, job, attempt FROM jobs \
    WHERE closed_at IS NOT NULL AND closed_at < ?1 AND pool = ?2 AND closed_at >= ?3 \
    ORDER BY closed_at DESC LIMIT ?4";

/// By the index `jobs_repository`.
pub(super) const LAST_OF_REPOSITORY: &str = "SELECT closed_at, job, attempt, pool FROM jobs \
    WHERE closed_at IS NOT NULL AND repository = ?1 AND closed_at < ?2 \
    ORDER BY closed_at DESC LIMIT ?3";

/// By the index `jobs_open`: what is open in a stage, of one repository.
pub(super) const OPEN_OF_REPOSITORY: &str = "SELECT open_since, job, attempt FROM jobs \
    WHERE open_stage = ?1 AND pool = ?2 AND repository = ?3 ORDER BY open_since";

/// By the index `jobs_repository`: the next repository in order.
pub(super) const NEXT_REPOSITORY: &str = "SELECT repository FROM jobs \
    WHERE closed_at IS NOT NULL AND repository > ?1 ORDER BY repository LIMIT 1";

/// By the index `jobs_open`: how many jobs of a pool in a stage come before one.
pub(super) const BEFORE: &str = "SELECT count(*) FROM jobs \
    WHERE open_stage = ?1 AND pool = (SELECT id FROM pools WHERE name = ?2) AND open_since < ?3";

/// By the primary key: which phases were seen.
pub(super) const SEEN: &str = "SELECT seen FROM jobs WHERE job = ?1 AND attempt = ?2";

/// By the primary key.
pub(super) const ONE: &str = "job = ?1 AND attempt = ?2";

/// By the primary key.
pub(super) const ATTEMPTS: &str = "job = ?1 ORDER BY attempt";

/// By the index `jobs_run`.
pub(super) const OF_RUN: &str = "run = ?1 LIMIT ?2";

/// Jobs of other pools that are passed over at most, where a repository and a pool are asked for.
const PASSED_MAX: u32 = 5_000;

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

/// Which jobs are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// Of this pool; of all if there is none.
    pub pool: Option<&'a str>,
    /// Of this repository; of all if there is none.
    pub repository: Option<&'a str>,
}

/// Where a job stands in an order.
type Place = (i64, JobKey);

impl Reader {
    /// Jobs that wait now, the oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn waiting(&self, wanted: Wanted<'_>, limit: u32) -> Result<Vec<JobView>, StoreError> {
        self.ask(|connection| {
            let mut places = open(connection, (1, OLDEST), i64::MAX, wanted, limit)?;
            places.sort_unstable();
            views(connection, places, limit)
        })
    }

    /// Jobs that run now, the one that started last first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn running(&self, wanted: Wanted<'_>, limit: u32) -> Result<Vec<JobView>, StoreError> {
        self.ask(|connection| {
            let mut places = open(connection, (2, NEWEST), i64::MIN, wanted, limit)?;
            places.sort_unstable_by(|a, b| b.cmp(a));
            views(connection, places, limit)
        })
    }

    /// Jobs that are held, wait or run and have stood there since an instant at the latest, the
    /// oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn open_since(&self, latest: Timestamp, limit: u32) -> Result<Vec<JobView>, StoreError> {
        self.ask(|connection| {
            let mut places = Vec::new();
            for stage in [0, 1, 2] {
                let all = Wanted::default();
                places.extend(open(connection, (stage, OLDEST), i64::MAX, all, limit)?);
            }
            places.retain(|(since, _)| *since <= latest.as_millis());
            places.sort_unstable();
            views(connection, places, limit)
        })
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
            let mut places = match wanted.repository {
                Some(repository) => last_of(connection, repository, wanted.pool, before, limit)?,
                None => {
                    let pools = pools_of(connection, wanted.pool)?;
                    first(connection, &pools, (LAST, before), i64::MIN, limit)?
                }
            };
            places.sort_unstable_by(|a, b| b.cmp(a));
            views(connection, places, limit)
        })
    }

    /// Jobs that started or ended last, the latest first, of one pool or of all.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn recent(&self, pool: Option<&str>, limit: u32) -> Result<Vec<JobView>, StoreError> {
        self.ask(|connection| {
            let pools = pools_of(connection, pool)?;
            let mut places = first(connection, &pools, (NEWEST, 2), i64::MIN, limit)?;
            places.extend(first(connection, &pools, (LAST, i64::MAX), i64::MIN, limit)?);
            places.sort_unstable_by(|a, b| b.cmp(a));
            views(connection, places, limit)
        })
    }

    /// Every attempt of that id, the first first; GitHub gives a new id to most of them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn job(&self, id: u64) -> Result<Vec<JobHistory>, StoreError> {
        self.ask(|connection| histories(connection, &list_sql(ATTEMPTS), params![id.cast_signed()]))
    }

    /// The jobs of a workflow run, all attempts, in the order of attempts.
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

    /// How many jobs of a pool wait since an earlier instant.
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

    /// Of these repositories, those in which a job was over since an instant.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn with_jobs_since(
        &self,
        repositories: Vec<String>,
        since: Timestamp,
    ) -> Result<Vec<String>, StoreError> {
        self.ask(|connection| {
            let mut recent = Vec::new();
            for name in repositories {
                if last_closed(connection, &name)?.is_some_and(|at| at >= since.as_millis()) {
                    recent.push(name);
                }
            }
            Ok(recent)
        })
    }

    /// Which phases were seen of these jobs; those that are unknown are left out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn seen(
        &self,
        keys: impl IntoIterator<Item = JobKey>,
    ) -> Result<BTreeMap<JobKey, Seen>, StoreError> {
        self.ask(|connection| {
            let mut statement = connection.prepare_cached(SEEN)?;
            let mut seen = BTreeMap::new();
            for key in keys {
                let found = params![key.job.cast_signed(), key.attempt];
                if let Some(bits) = statement.query_row(found, |row| row.get(0)).optional()? {
                    seen.insert(key, Seen::from_bits(bits));
                }
            }
            Ok(seen)
        })
    }
}

/// When the last job of a repository was over, in milliseconds.
fn last_closed(connection: &Connection, repository: &str) -> Result<Option<i64>, StoreError> {
    let last = last_of(connection, repository, None, i64::MAX, 1)?;
    Ok(last.first().map(|(closed_at, _)| *closed_at))
}

/// The first open jobs by an order, and perhaps some more.
fn open(
    connection: &Connection,
    (stage, sql): (i64, &str),
    bound: i64,
    wanted: Wanted<'_>,
    limit: u32,
) -> Result<Vec<Place>, StoreError> {
    let pools = pools_of(connection, wanted.pool)?;
    let Some(repository) = wanted.repository else {
        return first(connection, &pools, (sql, stage), bound, limit);
    };
    let mut statement = connection.prepare_cached(OPEN_OF_REPOSITORY)?;
    let mut places = Vec::new();
    for (id, _) in &pools {
        let rows = statement.query_map(params![stage, id, repository], place)?;
        places.extend(rows.collect::<Result<Vec<_>, _>>()?);
    }
    Ok(places)
}

/// The first `limit` places of all pools by the order of `sql`, and perhaps some more. `bound` is
/// where an empty list ends: once it is full, pools give only what comes before its last.
fn first(
    connection: &Connection,
    pools: &[(i64, String)],
    (sql, which): (&str, i64),
    bound: i64,
    limit: u32,
) -> Result<Vec<Place>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let rises = bound == i64::MAX;
    let (mut places, mut bound): (Vec<Place>, i64) = (Vec::new(), bound);
    for (id, _) in pools {
        let rows = statement.query_map(params![which, id, bound, limit], place)?;
        let before = places.len();
        places.extend(rows.collect::<Result<Vec<_>, _>>()?);
        if places.len() > before && places.len() >= limit as usize {
            match rises {
                true => places.sort_unstable(),
                false => places.sort_unstable_by(|a, b| b.cmp(a)),
            }
            places.truncate(limit as usize);
            bound = places.last().map_or(bound, |(since, _)| *since);
        }
    }
    Ok(places)
}

fn last_of(
    connection: &Connection,
    repository: &str,
    pool: Option<&str>,
    before: i64,
    limit: u32,
) -> Result<Vec<Place>, StoreError> {
    let id = match pool {
        None => None,
        Some(_) => match pools_of(connection, pool)?.first() {
            Some((id, _)) => Some(*id),
            None => return Ok(Vec::new()),
        },
    };
    let most = if pool.is_some() { PASSED_MAX } else { limit };
    let mut statement = connection.prepare_cached(LAST_OF_REPOSITORY)?;
    let mut rows = statement.query(params![repository, before, most])?;
    let mut places = Vec::new();
    while let Some(row) = rows.next()? {
        if id.is_none_or(|id| row.get::<_, i64>("pool").is_ok_and(|pool| pool == id)) {
            places.push(place(row)?);
            if places.len() >= limit as usize {
                break;
            }
        }
    }
    Ok(places)
}

fn place(row: &Row<'_>) -> rusqlite::Result<Place> {
    let job = row.get::<_, i64>("job")?.cast_unsigned();
    Ok((row.get(0)?, JobKey { job, attempt: row.get("attempt")? }))
}

/// Reads the jobs at these places.
fn views(
    connection: &Connection,
    places: Vec<Place>,
    limit: u32,
) -> Result<Vec<JobView>, StoreError> {
    let names = names(connection)?;
    let mut statement = connection.prepare_cached(&list_sql(ONE))?;
    let mut views = Vec::with_capacity(places.len().min(limit as usize));
    for (since, key) in places.into_iter().take(limit as usize) {
        let found = params![key.job.cast_signed(), key.attempt];
        let job = statement.query_row(found, |row| read_job(row, pool_name(row, &names)?))?;
        views.push(JobView { job, since: Timestamp::from_millis(since) });
    }
    Ok(views)
}

fn histories(
    connection: &Connection,
    sql: &str,
    found: &[&dyn ToSql],
) -> Result<Vec<JobHistory>, StoreError> {
    let names = names(connection)?;
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(found)?;
    let mut jobs = Vec::new();
    while let Some(row) = rows.next()? {
        let at =
            |column| row.get::<_, Option<i64>>(column).map(|at| at.map(Timestamp::from_millis));
        jobs.push(JobHistory {
            job: read_job(row, pool_name(row, &names)?)?,
            running_since: at("running_since")?,
            closed_at: at("closed_at")?,
        });
    }
    Ok(jobs)
}

fn pool_name(row: &Row<'_>, names: &BTreeMap<i64, String>) -> rusqlite::Result<String> {
    Ok(names.get(&row.get::<_, i64>("pool")?).cloned().unwrap_or_default())
}

fn names(connection: &Connection) -> Result<BTreeMap<i64, String>, StoreError> {
    Ok(pools_of(connection, None)?.into_iter().collect())
}

/// The id and name of one pool, or of all.
fn pools_of(connection: &Connection, pool: Option<&str>) -> Result<Vec<(i64, String)>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT id, name FROM pools WHERE ?1 IS NULL OR name = ?1")?;
    let pools = statement.query_map([pool], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(pools.collect::<Result<_, _>>()?)
}
