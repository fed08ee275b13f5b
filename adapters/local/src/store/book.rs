//! The sums of the minute that is being counted.
//!
//! A minute is counted by receipt and only goes forward: what is received while the clock steps
//! back a little belongs to the minute that is open. Rows hold absolute sums, so writing one again after a
//! crash counts nothing twice. In a flood the sums lie together in one row ([`short`]) for up to a
//! second before they are rows of points.

use std::collections::BTreeMap;
use std::time::Duration;

use model::emf::Record;
use model::series::Aggregate;
use model::{Quantity, RollUp, Timestamp};
use rusqlite::Connection;

use super::points::{self, Ids};
use super::{meta, minute_of, short};
use crate::places::Places;
use crate::{SeriesKey, StoreError};

/// A gap is filled with levels for at most this many minutes: a day.
const FILL_MAX: i64 = 24 * 60;

/// In a flood, points are written this often: whoever reads them is behind by no more.
const POINTS_EVERY: Duration = Duration::from_secs(1);

/// The open minute.
#[derive(Debug)]
pub(super) struct Book {
    roll_ups: Vec<RollUp>,
    /// Minutes since the epoch; `None` before the first.
    minute: Option<i64>,
    /// Whether `minute` was opened by this process: a gap before is not filled.
    is_ours: bool,
    /// Where the sum of a series is.
    keys: BTreeMap<SeriesKey, usize>,
    sums: Vec<Sum>,
    places: Places,
    ids: Ids,
    /// The open minute as the file has it.
    noted: Option<i64>,
    /// When points were last written.
    points_at: Timestamp,
    /// Whether sums lie in the file that are no points yet.
    is_short: bool,
}

#[derive(Debug, Default)]
struct Sum {
    aggregate: Aggregate,
    /// Whether it is so in the points.
    is_saved: bool,
}

impl Book {
    /// Continues the minute that was open when the file was last written.
    pub(super) fn load(connection: &Connection, roll_ups: Vec<RollUp>) -> Result<Self, StoreError> {
        short::settle(connection)?;
        // A minute that was published while it was open counts no further.
        let published = meta::get(connection, meta::PUBLISHED_MINUTE)?;
        let unpublished = published.map(|minute| minute.saturating_add(1));
        let minute = meta::get(connection, meta::OPEN_MINUTE)?.max(unpublished);
        let mut book = Book {
            roll_ups,
            minute,
            is_ours: false,
            keys: BTreeMap::new(),
            sums: Vec::new(),
            places: Places::default(),
            ids: Ids::default(),
            noted: None,
            points_at: Timestamp::EPOCH,
            is_short: false,
        };
        if let Some(minute) = minute {
            for (key, aggregate) in points::of_minute(connection, minute)? {
                let place = place(&mut book.keys, &mut book.sums, key);
                book.sums[place] = Sum { aggregate, is_saved: true };
            }
        }
        Ok(book)
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

    /// Whether the file holds sums that should be points soon.
    pub(super) fn is_short(&self) -> bool {
        self.is_short
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
        self.keys.clear();
        self.sums.clear();
        self.places.clear();
        let present = minute_of(now);
        let next = if self.is_ours { (minute + 1).max(present - FILL_MAX) } else { present };
        (self.minute, self.is_ours) = (Some(next), true);
        self.note_minute(connection, next)
    }

    fn note_minute(&mut self, connection: &Connection, minute: i64) -> Result<(), StoreError> {
        if self.noted != Some(minute) {
            meta::set(connection, meta::OPEN_MINUTE, minute)?;
            self.noted = Some(minute);
        }
        Ok(())
    }

    /// Counts a record in the open minute.
    pub(super) fn note(&mut self, record: &Record) {
        let Book { roll_ups, keys, sums, places, .. } = self;
        let known = places.of(&record.dimensions);
        for point in &record.points {
            let place = known.of(point.spec, || {
                SeriesKey::of(point.spec, record, roll_ups).map(|key| place(keys, sums, key))
            });
            if let Some(place) = place {
                let sum = &mut sums[place];
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
        self.keys.iter().map(|(key, place)| (key, &self.sums[*place].aggregate))
    }

    /// What a series is so far in the open minute.
    pub(super) fn get(&self, key: &SeriesKey) -> Option<&Aggregate> {
        self.keys.get(key).map(|place| &self.sums[*place].aggregate)
    }

    /// Sets what a series is in the open minute.
    pub(super) fn put(&mut self, key: SeriesKey, aggregate: Aggregate) {
        if self.get(&key) != Some(&aggregate) {
            let place = place(&mut self.keys, &mut self.sums, key);
            self.sums[place] = Sum { aggregate, is_saved: false };
        }
    }

    /// Writes what changed since the last call: in a flood together in one row, but for once a
    /// second.
    pub(super) fn save_at(
        &mut self,
        connection: &Connection,
        is_flood: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let is_soon = now >= self.points_at && now < self.points_at.plus(POINTS_EVERY);
        if is_flood && is_soon {
            return self.save_short(connection);
        }
        self.points_at = now;
        self.save(connection)
    }

    fn save_short(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let Some(minute) = self.minute else { return Ok(()) };
        let mut lines = String::new();
        for (key, place) in &self.keys {
            let sum = &self.sums[*place];
            if !sum.is_saved {
                short::add(&mut lines, self.ids.of(connection, key)?, &sum.aggregate);
            }
        }
        self.is_short = true;
        short::write(connection, minute, &lines)?;
        self.note_minute(connection, minute)
    }

    /// Writes what is no points yet.
    pub(super) fn save(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let Some(minute) = self.minute else { return Ok(()) };
        for (key, place) in &self.keys {
            let sum = &mut self.sums[*place];
            if !sum.is_saved {
                points::write(connection, &mut self.ids, (key, minute), &sum.aggregate)?;
                sum.is_saved = true;
            }
        }
        if std::mem::take(&mut self.is_short) {
            short::clear(connection)?;
        }
        self.note_minute(connection, minute)
    }

    /// Forgets a series whose row is gone.
    pub(super) fn forget(&mut self, series: i64) {
        self.ids.forget(series);
    }
}

/// Where the sum of a series is, which is made if need be.
fn place(keys: &mut BTreeMap<SeriesKey, usize>, sums: &mut Vec<Sum>, key: SeriesKey) -> usize {
    *keys.entry(key).or_insert_with(|| {
        sums.push(Sum::default());
        sums.len() - 1
    })
}

/// A level counts once a minute, as it was last, however often it was looked at.
fn set_level(aggregate: &mut Aggregate, level: u64) {
    let max = aggregate.max.max(level);
    *aggregate = Aggregate { samples: 1, sum: level, max, last: level, histogram: None };
}
