//! A job as a row of a trace.

use ingest::Job;
use model::Timestamp;

use crate::import::COLUMNS;

/// The first row.
pub fn header() -> [&'static str; COLUMNS.len()] {
    COLUMNS
}

/// The row of a job that ended and had a runner; `None` for any other, and where the stamps of
/// start or end are missing. A job whose wait is unknown is told as queued when it started.
pub fn row(job: &Job) -> Option<[String; COLUMNS.len()]> {
    let duration = job.duration()?.length;
    let started_at = job.started_at()?;
    let wait = job.wait().map(|wait| wait.length);
    let queued_at = wait.map_or(started_at, |wait| started_at.minus(wait));
    let millis = |at: Timestamp| at.as_millis().to_string();
    Some([
        job.key.job.to_string(),
        job.pool.clone(),
        millis(queued_at),
        duration.as_millis().to_string(),
        wait.map_or(String::new(), |wait| wait.as_millis().to_string()),
        job.run.to_string(),
        millis(job.created_at.unwrap_or(queued_at)),
        job.repository.0.clone(),
    ])
}
