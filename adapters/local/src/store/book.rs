//! The sums of the minute that is being counted.
//!
//! A minute is counted by receipt and only goes forward: what is received while the clock steps
//! back a little belongs to the minute that is open. Rows hold absolute sums, so writing one again after a
//! crash counts nothing twice.

use std::collections::BTreeMap;

use model::emf::Record;
use model::series::Aggregate;
use model::{Quantity, RollUp, Timestamp};
use rusqlite::Connection;

use super::points::{self, Ids};
use super::{meta, minute_of};
use crate::{SeriesKey, StoreError};

/// A gap is filled with levels for at most this many minutes: a day.
const FILL_MAX: i64 = 24 * 60;

/// The open minute.
#[derive(Debug)]
pub(super) struct Book {
    roll_ups: Vec<RollUp>,
    /// Minutes since the epoch; `None` before the first.
    minute: Option<i64>,
    /// Whether `minute` was opened by this process: a gap before is not filled.
    is_ours: bool,
    sums: BTreeMap<SeriesKey, Sum>,
    ids: Ids,
}

#[derive(Debug, Default)]
struct Sum {
    aggregate: Aggregate,
    is_saved: bool,
}

impl Book {
    /// Continues the minute that was open when the file was last written.
    pub(super) fn load(connection: &Connection, roll_ups: Vec<RollUp>) -> Result<Self, StoreError> {
        // A minute that was published while it was open counts no further.
        let published = meta::get(connection, meta::PUBLISHED_MINUTE)?;
        let unpublished = published.map(|minute| minute.saturating_add(1));
        let minute = meta::get(connection, meta::OPEN_MINUTE)?.max(unpublished);
        let mut sums = BTreeMap::new();
        if let Some(minute) = minute {
            for (key, aggregate) in points::of_minute(connection, minute)? {
                sums.insert(key, Sum { aggregate, is_saved: true });
            }
        }
        Ok(Book { roll_ups, minute, is_ours: false, sums, ids: Ids::default() })
    }

    /// The open minute.
    pub(super) fn minute(&self) -> Option<i64> {
        self.minute
    }

    /// Whether anything is known of the open minute. After a restart it may be a minute of which
    /// nothing is: then it has no levels either.
    pub(super) fn is_counted(&self) -> bool {
        self.is_ours || !self.sums.is_empty()
    }

    /// The open minute was opened by this process, although it lay in the file.
    pub(super) fn go_on(&mut self) {
        self.is_ours = true;
    }

    /// Whether the open minute is over, or there is none.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.minute.is_none_or(|minute| minute < minute_of(now))
    }

    /// The open minute if it is over and has to be closed with levels.
    pub(super) fn next_to_close(&mut self, now: Timestamp) -> Option<i64> {
        let present = minute_of(now);
        match self.minute {
            Some(minute) if minute < present => Some(minute),
            Some(_) => None,
            None => {
                (self.minute, self.is_ours) = (Some(present), true);
                None
            }
        }
    }

    /// Closes the open minute and opens the next one that has to be counted.
    pub(super) fn close(
        &mut self,
        connection: &Connection,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(minute) = self.minute else { return Ok(()) };
        self.save(connection)?;
        self.sums.clear();
        let present = minute_of(now);
        let next = if self.is_ours { (minute + 1).max(present - FILL_MAX) } else { present };
        (self.minute, self.is_ours) = (Some(next), true);
        meta::set(connection, meta::OPEN_MINUTE, next)
    }

    /// Counts a record in the open minute.
    pub(super) fn note(&mut self, record: &Record) {
        for point in &record.points {
            if let Some(key) = SeriesKey::of(point.spec, record, &self.roll_ups) {
                let sum = self.sums.entry(key).or_default();
                match point.quantity {
                    Quantity::Is(level) => set_level(&mut sum.aggregate, level),
                    _ => sum.aggregate.observe(&point.quantity),
                }
                sum.is_saved = false;
            }
        }
    }

    /// Everything so far in the open minute.
    pub(super) fn sums(&self) -> impl Iterator<Item = (&SeriesKey, &Aggregate)> {
        self.sums.iter().map(|(key, sum)| (key, &sum.aggregate))
    }

    /// What a series is so far in the open minute.
    pub(super) fn get(&self, key: &SeriesKey) -> Option<&Aggregate> {
        self.sums.get(key).map(|sum| &sum.aggregate)
    }

    /// Sets what a series is in the open minute.
    pub(super) fn put(&mut self, key: SeriesKey, aggregate: Aggregate) {
        if self.get(&key) != Some(&aggregate) {
            self.sums.insert(key, Sum { aggregate, is_saved: false });
        }
    }

    /// Writes what changed since the last call.
    pub(super) fn save(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let Some(minute) = self.minute else { return Ok(()) };
        for (key, sum) in self.sums.iter_mut().filter(|(_, sum)| !sum.is_saved) {
            points::write(connection, &mut self.ids, (key, minute), &sum.aggregate)?;
            sum.is_saved = true;
        }
        meta::set(connection, meta::OPEN_MINUTE, minute)
    }

    /// Forgets a series whose row is gone.
    pub(super) fn forget(&mut self, series: i64) {
        self.ids.forget(series);
    }
}

/// A level counts once a minute, as it was last, however often it was looked at.
fn set_level(aggregate: &mut Aggregate, level: u64) {
    let max = aggregate.max.max(level);
    *aggregate = Aggregate { samples: 1, sum: level, max, last: level, histogram: None };
}
