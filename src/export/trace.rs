//! A job as a row of a trace.

use std::time::Duration;

use ingest::Job;
use ingest::past::trace::{COLUMNS, Row};
use model::Timestamp;

/// The first row.
pub fn header() -> [&'static str; COLUMNS.len()] {
    COLUMNS
}

/// When a job that ended and had a runner was queued, and how long it ran; `None` for any other,
/// and where the stamps of start or end are missing. A job whose wait is unknown is told as queued
/// when it started.
pub fn times(job: &Job) -> Option<(Timestamp, Duration)> {
    let started_at = job.started_at()?;
    let queued_at = job.wait().map_or(started_at, |wait| started_at.minus(wait.length));
    Some((queued_at, job.duration()?.length))
}

/// The row of a job that has [`times`].
pub fn row(job: &Job) -> Option<[String; COLUMNS.len()]> {
    let (queued_at, duration) = times(job)?;
    let row = Row {
        job_id: job.key.job,
        pool: job.pool.clone(),
        queued_at,
        duration,
        recorded_wait: job.wait().map(|wait| wait.length),
        run_id: job.run,
        run_created_at: job.created_at.unwrap_or(queued_at),
        repo: Some(job.repository.0.clone()),
    };
    Some(row.fields())
}
