//! Jobs and where they stand in the file.

use std::sync::LazyLock;
use std::time::Duration;

use ingest::Job;
use ingest::ledger::{QUEUE_AGE_MAX, RUN_AGE_MAX, Stage};
use model::{Conclusion, JobKey, Phase, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, Statement, params};

use super::columns::{COLUMNS, at, labels_text, place, read};
use super::pools::{Pools, totals};
use crate::StoreError;

/// A held job that hears nothing more is given up after this time: GitHub waits 30 days for a
/// review. <https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/review-deployments>
const HELD_AGE_MAX: Duration = Duration::from_hours(31 * 24);

/// The stages that a job may stay in for so long without news.
const LIMITED: [Stage; 3] = [Stage::Held, Stage::Waiting, Stage::Running];

/// How long a job may be in a stage without news; `None` where nothing more is expected.
pub(super) const fn age_max(stage: Stage) -> Option<Duration> {
    match stage {
        Stage::Held => Some(HELD_AGE_MAX),
        Stage::Waiting => Some(QUEUE_AGE_MAX),
        Stage::Running => Some(RUN_AGE_MAX),
        Stage::Done | Stage::Expired => None,
    }
}

/// So many overdue jobs are given up in one transaction.
const OVERDUE_MAX: u32 = 1000;

/// A job and where it stands in the file.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) job: Job,
    /// When it entered its stage, by receipt, while it is open.
    pub(super) open_since: Option<Timestamp>,
    /// When it was over or given up, by receipt.
    pub(super) closed_at: Option<Timestamp>,
    /// When its `in_progress` was received.
    pub(super) running_since: Option<Timestamp>,
}

/// Where a job stood before an event.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stood {
    pub(super) key: JobKey,
    pub(super) stage: Stage,
    pub(super) open_since: Option<Timestamp>,
    pub(super) closed_at: Option<Timestamp>,
    pub(super) running_since: Option<Timestamp>,
    pub(super) queued_received_at: Option<Timestamp>,
    pub(super) started_at: Option<Timestamp>,
    pub(super) wait_secs: Option<i64>,
    /// What it added to the totals of its pool.
    pub(super) totals: [i64; 3],
    has_run: bool,
}

impl Stood {
    pub(super) fn of(row: &Row) -> Self {
        let Row { job, open_since, closed_at, running_since } = row;
        Stood {
            key: job.key,
            stage: job.stage(),
            open_since: *open_since,
            closed_at: *closed_at,
            running_since: *running_since,
            queued_received_at: job.queued_received_at,
            started_at: job.started_at(),
            wait_secs: wait_secs(job),
            totals: totals(job),
            has_run: job.seen.has(Phase::InProgress),
        }
    }
}

fn wait_secs(job: &Job) -> Option<i64> {
    job.wait().map(|wait| wait.length.as_secs().cast_signed())
}

/// The stored number that says whether a job has started, and who told.
pub(super) fn started(job: &Job) -> i64 {
    job.started.map_or(0, |started| if started.by_in_progress { 2 } else { 1 })
}

impl Row {
    /// The row of `job` after news received at `at`.
    pub(super) fn after(before: Option<&Stood>, job: Job, at: Timestamp) -> Row {
        let stage = job.stage();
        let same = before.filter(|stood| stood.stage == stage);
        let since = same.and_then(|stood| stood.open_since).unwrap_or(at);
        let closed_at = same.and_then(|stood| stood.closed_at).unwrap_or(at);
        let open = open_stage(stage).is_some();
        Row {
            open_since: open.then_some(since),
            closed_at: (!open).then_some(closed_at),
            running_since: running_since(before, &job, at),
            job,
        }
    }

    /// The row of this job once it is given up.
    pub(super) fn given_up(&self, at: Timestamp) -> Row {
        let job = Job { expired: true, ..self.job.clone() };
        Row { job, open_since: None, closed_at: Some(at), running_since: self.running_since }
    }
}

fn running_since(before: Option<&Stood>, job: &Job, at: Timestamp) -> Option<Timestamp> {
    match before {
        Some(stood) if stood.has_run => stood.running_since,
        _ => job.seen.has(Phase::InProgress).then_some(at),
    }
}

/// The stored number of a stage in which a job is open.
pub(crate) const fn open_stage(stage: Stage) -> Option<i64> {
    match stage {
        Stage::Held => Some(0),
        Stage::Waiting => Some(1),
        Stage::Running => Some(2),
        Stage::Done | Stage::Expired => None,
    }
}

fn read_row(row: &SqlRow<'_>, pools: &Pools) -> rusqlite::Result<(Row, i64)> {
    let pool: i64 = row.get(place::POOL)?;
    let name = pools.name(pool).to_owned();
    let job = read(row, name)?;
    let row = Row {
        job,
        open_since: at(row, place::OPEN_SINCE)?,
        closed_at: at(row, place::CLOSED_AT)?,
        running_since: at(row, place::RUNNING_SINCE)?,
    };
    Ok((row, pool))
}

/// Finds a job by its key.
pub(super) static FIND: LazyLock<String> =
    LazyLock::new(|| format!("SELECT {COLUMNS} FROM jobs WHERE job = ?1 AND attempt = ?2"));

/// What is known of a job, by the statement [`FIND`].
pub(super) fn find_by(
    statement: &mut Statement<'_>,
    key: JobKey,
    pools: &Pools,
) -> Result<Option<Row>, StoreError> {
    Ok(row_by(statement, key, pools)?.map(|(row, _)| row))
}

/// The same with the id of its pool.
fn row_by(
    statement: &mut Statement<'_>,
    key: JobKey,
    pools: &Pools,
) -> Result<Option<(Row, i64)>, StoreError> {
    let of = params![key.job.cast_signed(), key.attempt];
    Ok(statement.query_row(of, |row| read_row(row, pools)).optional()?)
}

/// Writes a job that is not there.
pub(super) const INSERT: &str = include_str!("insert_job.sql");

/// Writes a job, whether it is there or not.
pub(super) const SAVE: &str =
    concat!(include_str!("insert_job.sql"), include_str!("update_job.sql"));

/// Writes a job.
pub(super) fn save(connection: &Connection, row: &Row, pool: i64) -> Result<(), StoreError> {
    save_by(&mut *connection.prepare_cached(SAVE)?, row, pool)
}

/// Writes a job by [`INSERT`] or [`SAVE`], whose parameters are in this order.
pub(super) fn save_by(
    statement: &mut Statement<'_>,
    row: &Row,
    pool: i64,
) -> Result<(), StoreError> {
    let job = &row.job;
    let millis = |at: Option<Timestamp>| at.map(Timestamp::as_millis);
    statement.execute(params![
        job.key.job.cast_signed(),
        job.key.attempt,
        job.run.cast_signed(),
        pool,
        job.routed,
        job.repository.0,
        job.name,
        job.workflow,
        job.branch,
        job.url,
        labels_text(&job.labels),
        job.seen.bits(),
        millis(job.created_at),
        millis(job.queued_received_at),
        millis(job.asked_at),
        started(job),
        millis(job.started_at()),
        millis(job.completed_at),
        job.conclusion.map(Conclusion::as_str),
        job.runner,
        job.runner_group,
        job.updated_at.as_millis(),
        job.expired,
        open_stage(job.stage()),
        millis(row.open_since),
        millis(row.closed_at),
        wait_secs(job),
        millis(row.running_since),
    ])?;
    Ok(())
}

/// The job, if it is open, with the id of its pool.
pub(super) fn open(
    connection: &Connection,
    pools: &Pools,
    key: JobKey,
) -> Result<Option<(Row, i64)>, StoreError> {
    let found = row_by(&mut *connection.prepare_cached(&FIND)?, key, pools)?;
    Ok(found.filter(|(row, _)| row.open_since.is_some()))
}

/// By the index `jobs_open`.
pub(super) fn overdue_sql() -> String {
    format!(
        "SELECT {COLUMNS} FROM jobs WHERE open_stage = ?1 AND pool = ?2 AND open_since < ?3 LIMIT ?4"
    )
}

/// Open jobs whose next event is overdue, with the id of their pool.
pub(super) fn overdue(
    connection: &Connection,
    pools: &Pools,
    now: Timestamp,
) -> Result<Vec<(Row, i64)>, StoreError> {
    let mut statement = connection.prepare_cached(&overdue_sql())?;
    let mut found = Vec::new();
    for stage in LIMITED {
        let Some(age_max) = age_max(stage) else { continue };
        for pool in pools.ids() {
            let room = OVERDUE_MAX.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
            let before = now.minus(age_max).as_millis();
            let rows = statement
                .query_map(params![open_stage(stage), pool, before, room], |row| {
                    read_row(row, pools)
                })?;
            for row in rows {
                found.push(row?);
            }
        }
    }
    Ok(found)
}
