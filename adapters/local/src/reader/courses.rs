//! The course of every job, for whoever counts them: millions, read once from end to end.
//!
//! Texts are lent, not copied, and labels and runners are not read: of ten million jobs each copy
//! would be seconds. Jobs come in the order in which they lie in the file, which is that of their
//! ids and not of time.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use ingest::Job;
use ingest::ledger::{Seen, Started};
use model::{Conclusion, JobKey, Labels, Repository, Timestamp};
use rusqlite::Row;

use super::Reader;
use crate::StoreError;

/// By the order of the primary key, so without sorting.
const ALL: &str = "SELECT job, attempt, run, pool, routed, repository, name, workflow, url, seen, \
    created_at, queued_received_at, asked_at, started, started_at, completed_at, conclusion, \
    runner_group, updated_at, expired FROM jobs";

/// A job without its texts, and the texts beside it.
#[derive(Debug)]
pub struct Course<'a> {
    /// Ids, instants and stage. Its texts, its labels and its runner are empty.
    pub job: &'a Job,
    /// Its pool.
    pub pool: &'a str,
    /// Its repository.
    pub repository: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its workflow.
    pub workflow: Option<&'a str>,
    /// Its page, where that is not the usual one.
    pub url: Option<&'a str>,
    /// The group of its runner.
    pub runner_group: Option<&'a str>,
}

impl Reader {
    /// When the newest event of all pools happened, as GitHub states it, not later than its
    /// receipt; `None` while there is none.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn newest_at(&self) -> Result<Option<Timestamp>, StoreError> {
        self.ask(|connection| {
            let newest: Option<i64> = connection
                .prepare_cached("SELECT max(newest_at) FROM pools")?
                .query_row([], |row| row.get(0))?;
            Ok(newest.filter(|at| *at > 0).map(Timestamp::from_millis))
        })
    }

    /// How many jobs there are.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn job_count(&self) -> Result<u64, StoreError> {
        self.ask(|connection| {
            // Each job is of one pool, and pools keep their totals: nothing is scanned. A job whose
            // `queued` was lost is in another of them.
            let count: Option<i64> = connection
                .prepare_cached("SELECT sum(max(queued, started, completed)) FROM pools")?
                .query_row([], |row| row.get(0))?;
            Ok(count.unwrap_or(0).cast_unsigned())
        })
    }

    /// Hands every job to `take`, until it breaks off. All are of one instant.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn each_course(
        &self,
        mut take: impl FnMut(&Course<'_>) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.ask(|connection| {
            let mut statement = connection.prepare("SELECT id, name FROM pools")?;
            let pools: BTreeMap<i64, String> = statement
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?;
            let mut statement = connection.prepare(ALL)?;
            let mut rows = statement.query([])?;
            let mut job = blank();
            while let Some(row) = rows.next()? {
                fill(&mut job, row)?;
                let pool = pools.get(&row.get(3)?).map_or("", String::as_str);
                if take(&course(&job, pool, row)?).is_break() {
                    break;
                }
            }
            Ok(())
        })
    }
}

fn course<'a>(job: &'a Job, pool: &'a str, row: &'a Row<'_>) -> Result<Course<'a>, StoreError> {
    let text = |column: usize| -> Result<&'a str, StoreError> {
        Ok(row.get_ref(column)?.as_str().unwrap_or_default())
    };
    let optional = |column: usize| -> Result<Option<&'a str>, StoreError> {
        Ok(row.get_ref(column)?.as_str_or_null().ok().flatten())
    };
    Ok(Course {
        job,
        pool,
        repository: text(5)?,
        name: text(6)?,
        workflow: optional(7)?,
        url: optional(8)?,
        runner_group: optional(17)?,
    })
}

fn blank() -> Job {
    Job {
        key: JobKey { job: 0, attempt: 0 },
        run: 0,
        repository: Repository(String::new()),
        name: String::new(),
        workflow: None,
        branch: None,
        url: None,
        labels: Labels::default(),
        pool: String::new(),
        routed: false,
        seen: Seen::default(),
        created_at: None,
        queued_received_at: None,
        asked_at: None,
        started: None,
        completed_at: None,
        conclusion: None,
        runner: None,
        runner_group: None,
        updated_at: Timestamp::EPOCH,
        expired: false,
    }
}

/// Sets what a [`Course`] has of a job; by the columns of [`ALL`].
fn fill(job: &mut Job, row: &Row<'_>) -> rusqlite::Result<()> {
    let at = |column: usize| -> rusqlite::Result<Option<Timestamp>> {
        Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_millis))
    };
    job.key = JobKey { job: row.get::<_, i64>(0)?.cast_unsigned(), attempt: row.get(1)? };
    job.run = row.get::<_, i64>(2)?.cast_unsigned();
    job.routed = row.get(4)?;
    job.seen = Seen::from_bits(row.get(9)?);
    job.created_at = at(10)?;
    job.queued_received_at = at(11)?;
    job.asked_at = at(12)?;
    let started: i64 = row.get(13)?;
    let started_at = at(14)?;
    job.started = (started > 0).then_some(Started { at: started_at, by_in_progress: started == 2 });
    job.completed_at = at(15)?;
    job.conclusion = match row.get_ref(16)?.as_str_or_null() {
        Ok(Some(word)) => Some(Conclusion::from_word(word)),
        Ok(None) | Err(_) => None,
    };
    job.updated_at = Timestamp::from_millis(row.get(18)?);
    job.expired = row.get(19)?;
    Ok(())
}
