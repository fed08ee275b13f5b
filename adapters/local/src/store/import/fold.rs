//! A chunk of events, folded job by job: each job is read once and written once.

use std::collections::BTreeMap;

use ingest::ledger::{self, Stage};
use ingest::past::PastEvent;
use ingest::{Job, Observer, Route, Router};
use model::{Phase, Timestamp, UNROUTED_POOL};
use rusqlite::Connection;

use super::super::jobs::{self, Row, Stood, age_max};
use super::super::pools::{self, Pools};
use super::Imported;
use super::tally::Tally;
use crate::StoreError;

/// What folding needs and changes.
pub(super) struct Fold<'a> {
    pub(super) connection: &'a Connection,
    pub(super) observer: &'a Observer,
    pub(super) router: &'a mut Router,
    pub(super) pools: &'a mut Pools,
    pub(super) tally: &'a mut Tally,
    pub(super) imported: &'a mut Imported,
    /// The last instant whose levels any of this may change.
    pub(super) reach: &'a mut Timestamp,
}

/// What a chunk adds to the totals of a pool.
#[derive(Default)]
struct More {
    totals: [i64; 3],
    newest_at: Timestamp,
}

impl Fold<'_> {
    /// Takes all events; leaves the list empty.
    #[expect(clippy::vec_box, reason = "events come boxed, and sorting moves them")]
    pub(super) fn take(mut self, events: &mut Vec<Box<PastEvent>>) -> Result<(), StoreError> {
        // Keys lie in the file in this order. Events of one job go in the order of receipt, so that
        // a file need not be sorted.
        events.sort_by_key(|past| (past.event.key, past.received_at, past.event.phase));
        let mut more: BTreeMap<i64, More> = BTreeMap::new();
        let mut find = self.connection.prepare_cached(&jobs::FIND)?;
        let mut insert = self.connection.prepare_cached(jobs::INSERT)?;
        let mut save = self.connection.prepare_cached(jobs::SAVE)?;
        let mut rest = events.drain(..).peekable();
        while let Some(first) = rest.next() {
            let key = first.event.key;
            let others = std::iter::from_fn(|| rest.next_if(|past| past.event.key == key));
            let before = jobs::find_by(&mut find, key, self.pools)?;
            // An insert alone costs half of what an upsert does.
            let write = if before.is_some() { &mut save } else { &mut insert };
            let told = std::iter::once(first).chain(others);
            if let Some((row, pool)) = self.job(before, told, &mut more)? {
                jobs::save_by(write, &row, pool)?;
            }
        }
        for (pool, more) in more {
            pools::add(self.connection, pool, more.totals, more.newest_at)?;
        }
        Ok(())
    }

    /// The job after these events and its pool, unless all of them were known.
    fn job(
        &mut self,
        mut row: Option<Row>,
        events: impl Iterator<Item = Box<PastEvent>>,
        more: &mut BTreeMap<i64, More>,
    ) -> Result<Option<(Row, i64)>, StoreError> {
        let before = row.as_ref().map_or([0; 3], |row| pools::totals(&row.job));
        let reached = row.as_ref().map_or(Timestamp::EPOCH, reach);
        self.imported.jobs += u64::from(row.is_none());
        let (mut is_changed, mut newest_at) = (false, Timestamp::EPOCH);
        for past in events {
            if row.as_ref().is_some_and(|row| row.job.seen.has(past.event.phase)) {
                self.imported.repeated += 1;
                continue;
            }
            let happened_at = past.event.event_at().unwrap_or(past.received_at);
            newest_at = newest_at.max(happened_at.min(past.received_at));
            row = Some(self.event(row, *past));
            is_changed = true;
            self.imported.events += 1;
        }
        let Some(row) = row.filter(|_| is_changed) else { return Ok(None) };
        *self.reach = (*self.reach).max(reached).max(reach(&row));
        let pool = self.pools.id(self.connection, &row.job.pool)?;
        let more = more.entry(pool).or_default();
        let now = pools::totals(&row.job);
        more.totals = std::array::from_fn(|i| more.totals[i] + now[i] - before[i]);
        more.newest_at = more.newest_at.max(newest_at);
        Ok(Some((row, pool)))
    }

    /// The row after an event of a phase that was not seen.
    fn event(&mut self, before: Option<Row>, past: PastEvent) -> Row {
        let (phase, at) = (past.event.phase, past.received_at);
        let stood = before.as_ref().map(Stood::of);
        let route = self.route(before.as_ref(), &past);
        let job = before.map(|row| row.job);
        let (job, mut transition) = ledger::fold(job, past.event, route, at)
            .expect("an event of a phase that was not seen is taken");
        if !past.is_receipt_known {
            transition.lag = None;
        }
        for record in self.observer.job_counts(&job, &transition) {
            self.tally.note(&record);
        }
        after(stood, job, phase, at)
    }

    /// A job stays where it was first routed to.
    fn route(&mut self, before: Option<&Row>, past: &PastEvent) -> Route {
        match (before, &past.pool) {
            (Some(row), _) => Route { pool: row.job.pool.clone(), routed: row.job.routed },
            (None, Some(pool)) => Route { pool: pool.clone(), routed: pool != UNROUTED_POOL },
            (None, None) => self.router.route(&past.event.labels),
        }
    }
}

/// Until when a job as it is known counts in the levels, if nothing more is heard of it.
fn reach(row: &Row) -> Timestamp {
    let due = row.open_since.zip(age_max(row.job.stage())).map(|(since, max)| since.plus(max));
    [due, row.closed_at, row.running_since].into_iter().flatten().max().unwrap_or_default()
}

/// Instants are those of receipts, whatever the order in which events are read.
fn after(before: Option<Stood>, job: Job, phase: Phase, at: Timestamp) -> Row {
    let received = (phase == Phase::InProgress).then_some(at);
    let running_since = received.or(before.and_then(|stood| stood.running_since));
    let stage = job.stage();
    let same = before.filter(|stood| stood.stage == stage);
    let open_since = match stage {
        Stage::Held => same.and_then(|stood| stood.open_since).or(Some(at)),
        Stage::Waiting => job.queued_received_at,
        Stage::Running => running_since.or(job.started_at()),
        Stage::Done | Stage::Expired => None,
    };
    let closed_at = match stage {
        Stage::Done | Stage::Expired => same.and_then(|stood| stood.closed_at).or(Some(at)),
        Stage::Held | Stage::Waiting | Stage::Running => None,
    };
    Row { job, open_since, closed_at, running_since }
}
