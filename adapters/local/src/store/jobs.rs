//! Jobs and where they stand in the file.

use ingest::Job;
use ingest::ledger::{QUEUE_AGE_MAX, RUN_AGE_MAX, Stage};
use model::{Conclusion, JobKey, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, named_params, params};

use super::columns::{COLUMNS, at, labels_text, read};
use super::pools::Pools;
use crate::StoreError;

/// A held job that hears nothing more is given up after this time: GitHub waits 30 days for a
/// review. <https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/review-deployments>
const HELD_AGE_MAX: std::time::Duration = std::time::Duration::from_hours(31 * 24);

/// So many overdue jobs are given up in one transaction.
const OVERDUE_MAX: u32 = 1000;

/// A job and where it stands in the file.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) job: Job,
    /// When it entered its stage, by receipt, while it is open.
    pub(super) open_since: Option<Timestamp>,
    /// When it was over or given up, by receipt.
    closed_at: Option<Timestamp>,
}

impl Row {
    /// The row of `job` after news received at `at`.
    pub(super) fn after(before: Option<&Row>, job: Job, at: Timestamp) -> Row {
        let stage = job.stage();
        let same = before.filter(|row| row.job.stage() == stage);
        let since = same.and_then(|row| row.open_since).unwrap_or(at);
        let closed_at = same.and_then(|row| row.closed_at).unwrap_or(at);
        let open = open_stage(stage).is_some();
        Row { job, open_since: open.then_some(since), closed_at: (!open).then_some(closed_at) }
    }

    /// The row of this job once it is given up.
    pub(super) fn given_up(&self, at: Timestamp) -> Row {
        let job = Job { expired: true, ..self.job.clone() };
        Row { job, open_since: None, closed_at: Some(at) }
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
    let pool: i64 = row.get("pool")?;
    let name = pools.name(pool).to_owned();
    let job = read(row, name)?;
    Ok((Row { job, open_since: at(row, "open_since")?, closed_at: at(row, "closed_at")? }, pool))
}

/// What is known of a job.
pub(super) fn find(
    connection: &Connection,
    key: JobKey,
    pools: &Pools,
) -> Result<Option<Row>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM jobs WHERE job = ?1 AND attempt = ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let row = statement
        .query_row(params![key.job.cast_signed(), key.attempt], |row| read_row(row, pools))
        .optional()?;
    Ok(row.map(|(row, _)| row))
}

/// Writes a job.
pub(super) fn save(connection: &Connection, row: &Row, pool: i64) -> Result<(), StoreError> {
    let job = &row.job;
    let millis = |at: Option<Timestamp>| at.map(Timestamp::as_millis);
    let wait_secs = job.wait().map(|wait| wait.length.as_secs().cast_signed());
    connection.prepare_cached(include_str!("save_job.sql"))?.execute(named_params! {
        ":job": job.key.job.cast_signed(),
        ":attempt": job.key.attempt,
        ":run": job.run.cast_signed(),
        ":pool": pool,
        ":routed": job.routed,
        ":repository": job.repository.0,
        ":name": job.name,
        ":workflow": job.workflow,
        ":branch": job.branch,
        ":url": job.url,
        ":labels": labels_text(&job.labels),
        ":seen": job.seen.bits(),
        ":created_at": millis(job.created_at),
        ":queued_received_at": millis(job.queued_received_at),
        ":asked_at": millis(job.asked_at),
        ":started": job.started.map_or(0, |s| if s.by_in_progress { 2 } else { 1 }),
        ":started_at": millis(job.started_at()),
        ":completed_at": millis(job.completed_at),
        ":conclusion": job.conclusion.map(Conclusion::as_str),
        ":runner": job.runner,
        ":runner_group": job.runner_group,
        ":updated_at": job.updated_at.as_millis(),
        ":expired": job.expired,
        ":open_stage": open_stage(job.stage()),
        ":open_since": millis(row.open_since),
        ":closed_at": millis(row.closed_at),
        ":wait_secs": wait_secs,
    })?;
    Ok(())
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
    let limits = [
        (Stage::Held, HELD_AGE_MAX),
        (Stage::Waiting, QUEUE_AGE_MAX),
        (Stage::Running, RUN_AGE_MAX),
    ];
    let mut statement = connection.prepare_cached(&overdue_sql())?;
    let mut found = Vec::new();
    for (stage, age_max) in limits {
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
