//! What a chunk adds to the series, gathered in memory and written on top of what is there.

use std::collections::BTreeMap;

use model::emf::Record;
use model::series::Aggregate;
use model::{Histogram, Quantity, RollUp};
use rusqlite::{CachedStatement, Connection, params};

use super::super::minute_of;
use super::super::points::{self, Ids};
use crate::places::Places;
use crate::{SeriesKey, StoreError};

/// Series remembered from chunk to chunk; beyond, they are found again.
const SERIES_MAX: usize = 20_000;

/// Sums of a chunk.
#[derive(Debug)]
pub(super) struct Tally {
    roll_ups: Vec<RollUp>,
    ids: Ids,
    series: Vec<Series>,
    /// Places in `series`.
    places: Places,
}

#[derive(Debug)]
struct Series {
    key: SeriesKey,
    minutes: BTreeMap<i64, Sum>,
}

/// What a series gathered in a minute: the values of a timing are kept as they are.
#[derive(Debug, Default)]
struct Sum {
    aggregate: Aggregate,
    timed: Vec<u64>,
}

impl Sum {
    fn observe(&mut self, quantity: &Quantity) {
        match quantity {
            Quantity::Took(value) => {
                self.aggregate.observe(&Quantity::Add(*value));
                self.timed.push(*value);
            }
            other => self.aggregate.observe(other),
        }
    }

    fn into_aggregate(mut self) -> Aggregate {
        if !self.timed.is_empty() {
            self.aggregate.histogram = Some(self.timed.into_iter().collect());
        }
        self.aggregate
    }
}

impl Tally {
    pub(super) fn new(roll_ups: Vec<RollUp>) -> Self {
        Tally { roll_ups, ids: Ids::default(), series: Vec::new(), places: Places::default() }
    }

    /// Ids of series, for whoever writes rows as well.
    pub(super) fn ids(&mut self) -> &mut Ids {
        &mut self.ids
    }

    /// Counts a record in its minute.
    pub(super) fn note(&mut self, record: &Record) {
        let minute = minute_of(record.at);
        let Tally { roll_ups, series, places, .. } = self;
        let known = places.of(&record.dimensions);
        for point in &record.points {
            let place = known.of(point.spec, || {
                SeriesKey::of(point.spec, record, roll_ups).map(|key| place(series, key))
            });
            if let Some(place) = place {
                let minutes = &mut series[place].minutes;
                minutes.entry(minute).or_default().observe(&point.quantity);
            }
        }
    }

    /// Adds everything to the rows that are there, and forgets it.
    pub(super) fn write(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let mut rows = Rows::new(connection)?;
        for series in self.series.iter_mut().filter(|series| !series.minutes.is_empty()) {
            let id = self.ids.of(connection, &series.key)?;
            for (minute, more) in std::mem::take(&mut series.minutes) {
                rows.add(id, minute, more)?;
            }
        }
        if self.series.len() > SERIES_MAX {
            self.series.clear();
            self.places.clear();
        }
        Ok(())
    }
}

/// Where a series is in the list.
fn place(series: &mut Vec<Series>, key: SeriesKey) -> usize {
    let known = series.iter().position(|series| series.key == key);
    known.unwrap_or_else(|| {
        series.push(Series { key, minutes: BTreeMap::new() });
        series.len() - 1
    })
}

/// Rows of points.
struct Rows<'a> {
    connection: &'a Connection,
    fresh: CachedStatement<'a>,
    put: CachedStatement<'a>,
    buckets: Histogram,
}

impl<'a> Rows<'a> {
    fn new(connection: &'a Connection) -> Result<Self, StoreError> {
        let fresh = connection.prepare_cached(points::INSERT)?;
        let put = connection.prepare_cached(points::WRITE)?;
        Ok(Rows { connection, fresh, put, buckets: Histogram::new() })
    }

    /// Most minutes are new.
    fn add(&mut self, id: i64, minute: i64, mut more: Sum) -> Result<(), StoreError> {
        let a = &more.aggregate;
        let [samples, sum, max, last] = [a.samples, a.sum, a.max, a.last].map(u64::cast_signed);
        let timed = &mut more.timed;
        let histogram = (!timed.is_empty()).then(|| self.buckets.text_of(timed));
        let row = params![id, minute, samples, sum, max, last, histogram];
        if self.fresh.execute(row)? == 0 {
            let known = points::row(self.connection, id, minute)?;
            let mut sum = known.unwrap_or_default();
            sum.merge(&more.into_aggregate());
            points::write_row(&mut self.put, id, minute, &sum)?;
        }
        Ok(())
    }
}
