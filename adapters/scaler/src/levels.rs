//! How many jobs wait and run: told here, where the state of each job is known.

use model::catalogue as c;
use model::emf::Record;
use model::{Dimension, Dimensions, Timestamp};
use scaler::Backlog;

use crate::Ledger;

/// The levels of these pools and of all together.
pub fn of<'a>(
    ledger: &Ledger,
    pools: impl Iterator<Item = &'a String>,
    now: Timestamp,
) -> Vec<Record> {
    // What is not known is not told.
    if ledger.as_of() == Timestamp::EPOCH {
        return Vec::new();
    }
    let (mut queued, mut running, mut oldest) = (0_u64, 0_u64, None::<Timestamp>);
    let mut records = Vec::new();
    for pool in pools {
        let backlog = ledger.open(pool, 0).backlog;
        queued += u64::from(backlog.queued);
        running += u64::from(backlog.running);
        oldest = oldest.into_iter().chain(backlog.oldest_queued_at).min();
        let Backlog { queued, running, oldest_queued_at, .. } = backlog;
        let by = Dimensions::none().with(Dimension::Pool, pool);
        records.push(record(by, queued.into(), running.into(), oldest_queued_at, now));
    }
    records.push(record(Dimensions::none(), queued, running, oldest, now));
    records
}

fn record(
    by: Dimensions,
    queued: u64,
    running: u64,
    oldest: Option<Timestamp>,
    now: Timestamp,
) -> Record {
    let age = oldest.map_or(0, |oldest| now.saturating_since(oldest).as_secs());
    Record::new(now, by)
        .with(c::JOBS_WAITING.is(queued))
        .with(c::OLDEST_WAITING_AGE.is(age))
        .with(c::JOBS_RUNNING.is(running))
}
