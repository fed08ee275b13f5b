//! All jobs, for whoever writes them down elsewhere.

use std::ops::ControlFlow;

use ingest::Job;
use ingest::ledger::{Receipts, Stage};
use model::Timestamp;
use rusqlite::Row;

use super::Reader;
use crate::StoreError;
use crate::store::{COLUMNS, read_job};

/// A job and when its deliveries were received.
#[derive(Clone, Debug, PartialEq)]
pub struct PastJob {
    /// The job.
    pub job: Job,
    /// Receipts that the job itself does not hold.
    pub receipts: Receipts,
    /// When it was given up, if it was.
    pub given_up_at: Option<Timestamp>,
}

impl Reader {
    /// Hands every job to `take`, the oldest first, until it breaks off. All are of one instant.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn each_job(
        &self,
        mut take: impl FnMut(PastJob) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.ask(|connection| {
            let mut statement = connection.prepare(&format!(
                "SELECT {COLUMNS}, (SELECT name FROM pools WHERE id = jobs.pool) AS pool_name \
                 FROM jobs ORDER BY coalesce(queued_received_at, created_at, updated_at), job, attempt"
            ))?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                if take(past_job(row)?).is_break() {
                    break;
                }
            }
            Ok(())
        })
    }
}

fn past_job(row: &Row<'_>) -> Result<PastJob, StoreError> {
    let job = read_job(row, row.get("pool_name")?)?;
    let at = |column| row.get::<_, Option<i64>>(column).map(|at| at.map(Timestamp::from_millis));
    let closed = |stage| Ok::<_, StoreError>(at("closed_at")?.filter(|_| job.stage() == stage));
    let receipts = Receipts { running: at("running_since")?, completed: closed(Stage::Done)? };
    Ok(PastJob { given_up_at: closed(Stage::Expired)?, receipts, job })
}
