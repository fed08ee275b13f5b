//! How a job lies in its row.

use ingest::Job;
use ingest::ledger::{Seen, Started};
use model::{Conclusion, JobKey, Labels, Repository, Timestamp};
use rusqlite::Row as SqlRow;
use rusqlite::types::FromSql;

/// The columns that [`read`] reads, in its order, and after them those of [`place`].
pub(crate) const COLUMNS: &str = "job, attempt, run, routed, repository, name, workflow, branch, \
    url, labels, seen, created_at, queued_received_at, asked_at, started, started_at, \
    completed_at, conclusion, runner, runner_group, updated_at, expired, open_since, closed_at, \
    running_since, pool";

/// Where the columns after a job's own stand in [`COLUMNS`].
pub(super) mod place {
    pub(in super::super) const OPEN_SINCE: usize = 22;
    pub(in super::super) const CLOSED_AT: usize = 23;
    pub(in super::super) const RUNNING_SINCE: usize = 24;
    pub(in super::super) const POOL: usize = 25;
}

/// An instant that may be missing.
pub(super) fn at(row: &SqlRow<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_millis))
}

/// The cells of a row from left to right: finding each by its name would take longer than reading
/// them all.
struct Cells<'a, 'stmt> {
    row: &'a SqlRow<'stmt>,
    next: usize,
}

impl Cells<'_, '_> {
    fn next<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        self.next += 1;
        self.row.get(self.next - 1)
    }

    fn number(&mut self) -> rusqlite::Result<u64> {
        self.next().map(i64::cast_unsigned)
    }

    fn at(&mut self) -> rusqlite::Result<Option<Timestamp>> {
        Ok(self.next::<Option<i64>>()?.map(Timestamp::from_millis))
    }

    fn started(&mut self) -> rusqlite::Result<Option<Started>> {
        let (by, at) = (self.next::<i64>()?, self.at()?);
        Ok((by > 0).then_some(Started { at, by_in_progress: by == 2 }))
    }
}

/// Reads a job from a row that begins with [`COLUMNS`]; `pool` is the name of its pool.
pub(crate) fn read(row: &SqlRow<'_>, pool: String) -> rusqlite::Result<Job> {
    let mut cells = Cells { row, next: 0 };
    // In the order of the columns.
    Ok(Job {
        key: JobKey { job: cells.number()?, attempt: cells.next()? },
        run: cells.number()?,
        routed: cells.next()?,
        repository: Repository(cells.next()?),
        name: cells.next()?,
        workflow: cells.next()?,
        branch: cells.next()?,
        url: cells.next()?,
        labels: labels(&cells.next::<String>()?)?,
        seen: Seen::from_bits(cells.next()?),
        created_at: cells.at()?,
        queued_received_at: cells.at()?,
        asked_at: cells.at()?,
        started: cells.started()?,
        completed_at: cells.at()?,
        conclusion: cells.next::<Option<String>>()?.map(|word| Conclusion::from_word(&word)),
        runner: cells.next()?,
        runner_group: cells.next()?,
        updated_at: Timestamp::from_millis(cells.next()?),
        expired: cells.next()?,
        pool,
    })
}

/// Labels as the JSON list that [`labels_text`] writes: a label may hold a comma.
fn labels(text: &str) -> rusqlite::Result<Labels> {
    serde_json::from_str(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, error.into())
    })
}

/// Labels for their column.
pub(super) fn labels_text(labels: &Labels) -> String {
    serde_json::to_string(labels).expect("texts always serialise")
}
