//! The sums of the minute that is being counted, and the rows of the minutes before.
//!
//! A minute is counted by receipt and only goes forward: what is received while the clock steps
//! back belongs to the minute that is open. Rows hold absolute sums, so writing one again after a
//! crash counts nothing twice.

use std::collections::BTreeMap;

use model::emf::Record;
use model::series::Aggregate;
use model::{Dimension, Dimensions, Histogram, RollUp, Timestamp, catalogue};
use rusqlite::{Connection, Row as SqlRow, params};

use crate::{SeriesKey, StoreError};

/// A gap is filled with levels for at most this many minutes: a day.
const FILL_MAX: i64 = 24 * 60;

/// Ids of series kept in memory; beyond, they are looked up again.
const IDS_MAX: usize = 20_000;

const OPEN_MINUTE: &str = "open_minute";

/// The last minute that was published.
pub(super) const PUBLISHED_MINUTE: &str = "published_minute";

/// The open minute.
#[derive(Debug)]
pub(super) struct Book {
    roll_ups: Vec<RollUp>,
    /// Minutes since the epoch; `None` before the first.
    minute: Option<i64>,
    /// Whether `minute` was counted by this process: a gap before is not filled.
    is_ours: bool,
    sums: BTreeMap<SeriesKey, Sum>,
    ids: BTreeMap<SeriesKey, i64>,
}

#[derive(Debug)]
struct Sum {
    aggregate: Aggregate,
    is_saved: bool,
}

pub(super) fn minute_of(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(60_000)
}

impl Book {
    /// Continues the minute that was open when the file was last written.
    pub(super) fn load(connection: &Connection, roll_ups: Vec<RollUp>) -> Result<Self, StoreError> {
        // A minute that was published while it was open counts no further.
        let unpublished = get_meta(connection, PUBLISHED_MINUTE)?.map(|minute| minute + 1);
        let minute = get_meta(connection, OPEN_MINUTE)?.max(unpublished);
        let mut sums = BTreeMap::new();
        if let Some(minute) = minute {
            for (key, aggregate) in rows_of(connection, minute)? {
                sums.insert(key, Sum { aggregate, is_saved: true });
            }
        }
        Ok(Book { roll_ups, minute, is_ours: false, sums, ids: BTreeMap::new() })
    }

    /// The open minute.
    pub(super) fn minute(&self) -> Option<i64> {
        self.minute
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
        set_meta(connection, OPEN_MINUTE, next)
    }

    /// Counts a record in the open minute.
    pub(super) fn note(&mut self, record: &Record) {
        for point in &record.points {
            if let Some(key) = SeriesKey::of(point.spec, record, &self.roll_ups) {
                let sum = self.sums.entry(key).or_insert_with(Sum::empty);
                sum.aggregate.observe(&point.quantity);
                sum.is_saved = false;
            }
        }
    }

    /// Sets what a series was in the open minute.
    pub(super) fn put(&mut self, key: SeriesKey, aggregate: Aggregate) {
        self.sums.insert(key, Sum { aggregate, is_saved: false });
    }

    /// Writes what changed since the last call.
    pub(super) fn save(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let Some(minute) = self.minute else { return Ok(()) };
        if self.ids.len() > IDS_MAX {
            self.ids.clear();
        }
        let mut statement = connection.prepare_cached(
            "INSERT OR REPLACE INTO points (series, minute, samples, sum, max, last, histogram) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        for (key, sum) in self.sums.iter_mut().filter(|(_, sum)| !sum.is_saved) {
            let id = series_id(connection, &mut self.ids, key)?;
            let a = &sum.aggregate;
            let [samples, total, max, last] =
                [a.samples, a.sum, a.max, a.last].map(u64::cast_signed);
            let histogram = a.histogram.as_ref().map(Histogram::to_text);
            statement.execute(params![id, minute, samples, total, max, last, histogram])?;
            sum.is_saved = true;
        }
        set_meta(connection, OPEN_MINUTE, minute)
    }
}

impl Sum {
    fn empty() -> Self {
        Sum { aggregate: Aggregate::default(), is_saved: false }
    }
}

fn series_id(
    connection: &Connection,
    ids: &mut BTreeMap<SeriesKey, i64>,
    key: &SeriesKey,
) -> Result<i64, StoreError> {
    if let Some(id) = ids.get(key) {
        return Ok(*id);
    }
    let dimensions = dimensions_text(&key.dimensions);
    connection
        .prepare_cached("INSERT OR IGNORE INTO series (metric, dimensions) VALUES (?1, ?2)")?
        .execute(params![key.spec.name, dimensions])?;
    let id = connection
        .prepare_cached("SELECT id FROM series WHERE metric = ?1 AND dimensions = ?2")?
        .query_row(params![key.spec.name, dimensions], |row| row.get(0))?;
    ids.insert(key.clone(), id);
    Ok(id)
}

/// Everything that was counted in one minute.
pub(super) fn rows_of(
    connection: &Connection,
    minute: i64,
) -> Result<Vec<(SeriesKey, Aggregate)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT metric, dimensions, samples, sum, max, last, histogram FROM series \
         JOIN points ON points.series = series.id AND points.minute = ?1 ORDER BY series.id",
    )?;
    let mut rows = statement.query([minute])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let metric: String = row.get("metric")?;
        // A metric that this version no longer knows is left where it is.
        if let Some(spec) = catalogue::by_name(&metric) {
            let dimensions = dimensions_from(&row.get::<_, String>("dimensions")?)?;
            found.push((SeriesKey { spec, dimensions }, aggregate_from(row)?));
        }
    }
    Ok(found)
}

/// Reads the columns `samples, sum, max, last, histogram`.
pub(crate) fn aggregate_from(row: &SqlRow<'_>) -> Result<Aggregate, StoreError> {
    let number = |column: &str| row.get::<_, i64>(column).map(i64::cast_unsigned);
    let histogram = row
        .get::<_, Option<String>>("histogram")?
        .map(|text| Histogram::from_text(&text))
        .transpose()
        .map_err(|_| StoreError::Damaged { what: "histogram" })?;
    let (samples, sum) = (number("samples")?, number("sum")?);
    Ok(Aggregate { samples, sum, max: number("max")?, last: number("last")?, histogram })
}

fn dimensions_text(dimensions: &Dimensions) -> String {
    let pairs: Vec<_> = dimensions.iter().map(|(d, value)| (d.as_str(), value)).collect();
    serde_json::to_string(&pairs).expect("texts always serialise")
}

/// Reads the column `dimensions`.
pub(crate) fn dimensions_from(text: &str) -> Result<Dimensions, StoreError> {
    let damaged = || StoreError::Damaged { what: "list of dimensions" };
    let pairs: Vec<(String, String)> = serde_json::from_str(text).map_err(|_| damaged())?;
    pairs.into_iter().try_fold(Dimensions::none(), |dimensions, (name, value)| {
        Ok(dimensions.with(Dimension::from_name(&name).ok_or_else(damaged)?, value))
    })
}

/// A number that belongs to the file as a whole.
pub(super) fn get_meta(connection: &Connection, key: &str) -> Result<Option<i64>, StoreError> {
    use rusqlite::OptionalExtension;
    let mut statement = connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
    Ok(statement.query_row([key], |row| row.get(0)).optional()?)
}

/// Sets a number that belongs to the file as a whole.
pub(super) fn set_meta(connection: &Connection, key: &str, value: i64) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)")?
        .execute(params![key, value])?;
    Ok(())
}
