//! Closed minutes as records for EMF, each published once and again only after a crash.

use std::collections::BTreeMap;

use model::catalogue::{self as c, RUNNERS};
use model::emf::Record;
use model::series::Aggregate;
use model::{Dimension, Dimensions, Kind, Level, Point, Quantity, RollUp, Spec, Timestamp};
use rusqlite::{Connection, params};

use super::levels::{self, KEPT};
use super::state::State;
use super::{Store, meta, points};
use crate::{SeriesKey, StoreError};

/// Minutes that were missed are published for at most this long: after a restart the gap is filled,
/// and switching EMF on does not publish all of history.
const CATCH_UP_MINUTES_MAX: i64 = 120;

impl Store {
    /// The next minute that is counted and not yet published, with its records. With `open_too`
    /// also the minute that is still open, as when the process ends. Minutes of which nothing is
    /// known, as while no process ran, are left out.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn next_to_publish(
        &mut self,
        open_too: bool,
    ) -> Result<Option<(i64, Vec<Record>)>, StoreError> {
        self.next_after(None, open_too)
    }

    /// The same of the minutes after one that is under way.
    pub(crate) fn next_after(
        &mut self,
        under_way: Option<i64>,
        open_too: bool,
    ) -> Result<Option<(i64, Vec<Record>)>, StoreError> {
        let Some(state) = &self.state else { return Ok(None) };
        let Some(open) = state.open_minute() else { return Ok(None) };
        let last = if open_too { open } else { open - 1 };
        let published = meta::get(&self.connection, meta::PUBLISHED_MINUTE)?;
        if published.is_none() {
            meta::set(&self.connection, meta::PUBLISHED_MINUTE, open - 1)?;
        }
        // The clock may have been set right since.
        let published = published.max(under_way.filter(|minute| *minute <= open));
        let first = published.map_or(open, |minute| minute + 1).max(open - CATCH_UP_MINUTES_MAX);
        let Some(minute) = next_counted(&self.connection, first, last)? else { return Ok(None) };
        let rows = points::of_minute(&self.connection, minute)?;
        let on = &self.settings.roll_ups;
        let rows = rows.into_iter().filter(|(key, _)| is_encodable(key, on)).collect();
        let pools: Vec<String> = state.pool_names().map(str::to_owned).collect();
        Ok(Some((minute, records(minute, rows, &pools))))
    }

    /// Notes that a minute is published.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn published(&mut self, minute: i64) -> Result<(), StoreError> {
        // The clock may have been set right since.
        if self.state.as_ref().and_then(State::open_minute).is_some_and(|open| minute > open) {
            return Ok(());
        }
        meta::set(&self.connection, meta::PUBLISHED_MINUTE, minute)
    }
}

fn next_counted(connection: &Connection, from: i64, to: i64) -> Result<Option<i64>, StoreError> {
    let Some(series) = points::find(connection, &levels::heartbeat())? else { return Ok(None) };
    let mut statement = connection.prepare_cached(
        "SELECT min(minute) FROM points WHERE series = ?1 AND minute BETWEEN ?2 AND ?3",
    )?;
    Ok(statement.query_row(params![series, from, to], |row| row.get(0))?)
}

/// What was counted before a roll-up was switched on lacks its dimension and cannot be published.
fn is_encodable(key: &SeriesKey, on: &[RollUp]) -> bool {
    let covers = |set| key.dimensions.cover(set);
    key.spec.kind == Kind::Level || key.spec.sets(on).all(covers)
}

/// One record for each set of dimension values.
fn records(minute: i64, rows: Vec<(SeriesKey, Aggregate)>, pools: &[String]) -> Vec<Record> {
    let at = Timestamp::from_secs(minute * 60);
    let mut by_dimensions: BTreeMap<Dimensions, Record> = BTreeMap::new();
    let mut add = |dimensions: Dimensions, point: Point| {
        let record = by_dimensions
            .entry(dimensions)
            .or_insert_with_key(|dimensions| Record::new(at, dimensions.clone()));
        record.points.push(point);
    };
    // A level is published each minute, zero or not: an alarm must tell zero from silence.
    let mut levels: BTreeMap<SeriesKey, u64> = BTreeMap::new();
    for (key, aggregate) in rows {
        match (key.spec.kind, aggregate.histogram) {
            (Kind::Level, _) => {
                levels.insert(key, aggregate.last);
            }
            (Kind::Counter, _) => add(key.dimensions, counted(key.spec, aggregate.sum)),
            (Kind::Timing, Some(histogram)) => {
                let quantity = Quantity::Distribution(histogram);
                add(key.dimensions, Point { spec: key.spec, quantity });
            }
            (Kind::Timing, None) => {}
        }
    }
    let pools = pools.iter().map(|pool| Dimensions::none().with(Dimension::Pool, pool.as_str()));
    // A scaler that ran tells of every level of its pool; those that it left out were zero.
    let scaled: Vec<Dimensions> = of_level(&levels, c::RUNNERS_DESIRED);
    for (by, level) in scaled.iter().flat_map(|by| RUNNERS.map(|level| (by, level))) {
        let key = SeriesKey { spec: level.0, dimensions: by.clone() };
        add(by.clone(), level.is(levels.remove(&key).unwrap_or(0)));
    }
    for by in std::iter::once(Dimensions::none()).chain(pools) {
        for level in KEPT {
            let key = SeriesKey { spec: level.0, dimensions: by.clone() };
            add(by.clone(), level.is(levels.remove(&key).unwrap_or(0)));
        }
    }
    // Of these nothing is known where nothing is told.
    for (SeriesKey { spec, dimensions }, value) in levels {
        add(dimensions, Level(spec).is(value));
    }
    by_dimensions.into_values().collect()
}

/// The dimension values under which a level was seen.
fn of_level(levels: &BTreeMap<SeriesKey, u64>, level: Level) -> Vec<Dimensions> {
    let seen = levels.keys().filter(|key| key.spec == level.0);
    seen.map(|key| key.dimensions.clone()).collect()
}

fn counted(spec: &'static Spec, n: u64) -> Point {
    Point { spec, quantity: Quantity::Add(n) }
}
