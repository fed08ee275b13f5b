//! When jobs entered and left their stages, in the order of time.
//!
//! Jobs come sorted by their first instant; what is still to come of those that are under way lies
//! in a heap. So memory grows with the jobs that are open at once and not with history.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use ingest::ledger::{QUEUE_AGE_MAX, RUN_AGE_MAX};
use model::{JobKey, Timestamp};
use rusqlite::{Connection, Row, Rows, params};

use super::super::minute_of;
use crate::StoreError;

/// Jobs of which something was received between ?1 and ?2, or that were open then. A job whose
/// `in_progress` was received by an older version has only GitHub's stamp for it.
const JOBS: &str = "SELECT *, min(coalesce(queued_at, running_at, closed_at), \
    coalesce(running_at, closed_at, queued_at), coalesce(closed_at, queued_at, running_at)) \
    AS first_at FROM (SELECT pool, job, attempt, queued_received_at AS queued_at, closed_at, \
    CASE WHEN seen & 4 THEN coalesce(running_since, started_at) END AS running_at FROM jobs) \
    WHERE first_at <= ?2 AND (closed_at IS NULL OR closed_at >= ?1) ORDER BY first_at";

/// What changes. At one instant runners are freed before they are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// News that changes no level: of this minute something is known.
    Passes,
    /// No longer in its stage.
    Leaves,
    /// In a stage.
    Enters,
}

/// One change of the levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Change {
    pub(super) at: Timestamp,
    pub(super) step: Step,
    /// The id of the pool.
    pub(super) pool: i64,
    /// For a wait: since when, and which job. `None` for a run.
    pub(super) waits: Option<(Timestamp, JobKey)>,
}

/// Runs through all changes that concern the minutes of `stretch`.
pub(super) fn each(
    connection: &Connection,
    (from, to): (i64, i64),
    mut take: impl FnMut(Change) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare(JOBS)?;
    let mut jobs = statement.query(params![from * 60_000, (to + 1) * 60_000 - 1])?;
    let mut coming: BinaryHeap<Reverse<Change>> = BinaryHeap::new();
    let mut next = following(&mut jobs)?;
    loop {
        if let Some(changes) = next.take_if(|changes| is_due(changes, coming.peek())) {
            coming.extend(changes.into_iter().flatten().map(Reverse));
            next = following(&mut jobs)?;
            continue;
        }
        let Some(Reverse(change)) = coming.pop() else { return Ok(()) };
        if minute_of(change.at) > to {
            return Ok(());
        }
        take(change)?;
    }
}

/// The changes that one job made.
type Changes = [Option<Change>; 5];

fn is_due(job: &Changes, first: Option<&Reverse<Change>>) -> bool {
    let starts = job.iter().flatten().min();
    first.is_none_or(|Reverse(first)| starts.is_none_or(|starts| starts <= first))
}

fn following(jobs: &mut Rows<'_>) -> Result<Option<Changes>, StoreError> {
    Ok(jobs.next()?.map(changes).transpose()?)
}

fn changes(row: &Row<'_>) -> rusqlite::Result<Changes> {
    let at = |column| row.get::<_, Option<i64>>(column).map(|at| at.map(Timestamp::from_millis));
    let (pool, job) = (row.get(0)?, row.get::<_, i64>(1)?.cast_unsigned());
    let key = JobKey { job, attempt: row.get(2)? };
    let (queued, running, closed) = (at(3)?, at(5)?, at(4)?);
    let wait = queued.map(|since| (since, ended(since, QUEUE_AGE_MAX, [running, closed])));
    let run = running.map(|since| (since, ended(since, RUN_AGE_MAX, [closed, None])));
    let change = |at, step, waits| Some(Change { at, step, pool, waits });
    let both = |spell: Option<(Timestamp, Timestamp)>, waits| match spell {
        Some((since, until)) if since < until => {
            [change(since, Step::Enters, waits), change(until, Step::Leaves, waits)]
        }
        Some((since, _)) => [change(since, Step::Passes, None), None],
        None => [None, None],
    };
    let [enters, leaves] = both(wait, queued.map(|since| (since, key)));
    let [starts, ends] = both(run, None);
    let over = closed.and_then(|at| change(at, Step::Passes, None));
    Ok([enters, leaves, starts, ends, over])
}

/// What the store would have given up by then counts no longer.
fn ended(
    since: Timestamp,
    age_max: std::time::Duration,
    ends: [Option<Timestamp>; 2],
) -> Timestamp {
    ends.into_iter().flatten().fold(since.plus(age_max), Timestamp::min)
}
