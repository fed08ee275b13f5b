//! Answers questions from connections of its own, while the writer writes.

mod courses;
mod decisions;
mod hours;
mod jobs;
mod minutes;
mod news;
mod open_jobs;
mod past;
mod pools;
mod series;
mod totals;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use crate::{StoreError, schema};

pub use courses::Course;
pub use jobs::{JobHistory, JobView, Wanted};
pub use open_jobs::OpenJobs;
pub use past::PastJob;
pub use pools::{PoolView, Waits};

/// Reads a store. Cheap to share; connections are opened as they are needed and kept.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

/// Connections kept open while idle.
const IDLE_MAX: usize = 4;

impl Reader {
    /// For the store at `path`, which must exist.
    ///
    /// # Errors
    /// When it cannot be opened, is no store, or is of a newer version.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = schema::open_to_read(path)?;
        Ok(Reader { path: path.to_owned(), idle: Mutex::new(vec![connection]) })
    }

    /// Runs `ask` in one read transaction: all its answers are of the same instant.
    fn ask<T>(
        &self,
        ask: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => schema::open_to_read(&self.path)?,
        };
        let answer = {
            let transaction = connection.transaction()?;
            ask(&transaction)
        };
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(connection);
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::{jobs, open_jobs, pools};
    use crate::plan;

    #[test]
    fn questions_about_jobs_are_answered_by_indexes() {
        plan::check(pools::OPEN, "jobs_open");
        plan::check(open_jobs::QUEUED, "jobs_queued");
        plan::check(open_jobs::BUSY, "jobs_open");
        plan::check(pools::KNOWN_WAITS, "jobs_waited");
        plan::check(jobs::OLDEST, "jobs_open");
        plan::check(jobs::NEWEST, "jobs_open");
        plan::check(jobs::LAST, "jobs_closed");
        plan::check(jobs::LAST_OF_REPOSITORY, "jobs_repository");
        plan::check(jobs::OPEN_OF_REPOSITORY, "jobs_open");
        plan::check(jobs::NEXT_REPOSITORY, "jobs_repository");
        plan::check(jobs::BEFORE, "jobs_open");
        plan::check(jobs::SEEN, "PRIMARY KEY");
        plan::check(&jobs::list_sql(jobs::ONE), "PRIMARY KEY");
        plan::check(&jobs::list_sql(jobs::ATTEMPTS), "PRIMARY KEY");
        plan::check(&jobs::list_sql(jobs::OF_RUN), "jobs_run");
        plan::check(pools::ARRIVALS, "jobs_queued");
    }
}
