//! A job as a row of a trace.

use ingest::Job;
use ingest::past::trace::{COLUMNS, Row};

/// The first row.
pub fn header() -> [&'static str; COLUMNS.len()] {
    COLUMNS
}

/// The row of a job that ended and had a runner; `None` for any other, and where the stamps of
/// start or end are missing. A job whose wait is unknown is told as queued when it started.
pub fn row(job: &Job) -> Option<[String; COLUMNS.len()]> {
    let started_at = job.started_at()?;
    let wait = job.wait().map(|wait| wait.length);
    let queued_at = wait.map_or(started_at, |wait| started_at.minus(wait));
    let row = Row {
        job_id: job.key.job,
        pool: job.pool.clone(),
        queued_at,
        duration: job.duration()?.length,
        recorded_wait: wait,
        run_id: job.run,
        run_created_at: job.created_at.unwrap_or(queued_at),
        repo: Some(job.repository.0.clone()),
    };
    Some(row.fields())
}
