//! How a job lies in its row.

use ingest::Job;
use ingest::ledger::{Seen, Started};
use model::{Conclusion, JobKey, Labels, Repository, Timestamp};
use rusqlite::Row as SqlRow;

/// The columns that [`read`] reads, in its order.
pub(crate) const COLUMNS: &str = "job, attempt, run, routed, repository, name, workflow, branch, \
    url, labels, seen, created_at, queued_received_at, asked_at, started, started_at, \
    completed_at, conclusion, runner, runner_group, updated_at, expired, open_since, closed_at, \
    running_since, pool";

/// An instant that may be missing.
pub(super) fn at(row: &SqlRow<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_millis))
}

/// Reads a job; `pool` is the name of its pool.
pub(crate) fn read(row: &SqlRow<'_>, pool: String) -> rusqlite::Result<Job> {
    let started_at = at(row, "started_at")?;
    let started = match row.get("started")? {
        0 => None,
        by => Some(Started { at: started_at, by_in_progress: by == 2 }),
    };
    Ok(Job {
        key: JobKey {
            job: row.get::<_, i64>("job")?.cast_unsigned(),
            attempt: row.get("attempt")?,
        },
        run: row.get::<_, i64>("run")?.cast_unsigned(),
        repository: Repository(row.get("repository")?),
        name: row.get("name")?,
        workflow: row.get("workflow")?,
        branch: row.get("branch")?,
        url: row.get("url")?,
        labels: labels(row)?,
        pool,
        routed: row.get("routed")?,
        seen: Seen::from_bits(row.get("seen")?),
        created_at: at(row, "created_at")?,
        queued_received_at: at(row, "queued_received_at")?,
        asked_at: at(row, "asked_at")?,
        started,
        completed_at: at(row, "completed_at")?,
        conclusion: row
            .get::<_, Option<String>>("conclusion")?
            .map(|word| Conclusion::from_word(&word)),
        runner: row.get("runner")?,
        runner_group: row.get("runner_group")?,
        updated_at: Timestamp::from_millis(row.get("updated_at")?),
        expired: row.get("expired")?,
    })
}

/// Labels as the JSON list that [`labels_text`] writes: a label may hold a comma.
fn labels(row: &SqlRow<'_>) -> rusqlite::Result<Labels> {
    let text: String = row.get("labels")?;
    serde_json::from_str(&text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, error.into())
    })
}

/// Labels for their column.
pub(super) fn labels_text(labels: &Labels) -> String {
    serde_json::to_string(labels).expect("texts always serialise")
}
