//! Closed minutes as records for EMF, each published once and again only after a crash.

use std::collections::BTreeMap;

use model::catalogue as c;
use model::emf::Record;
use model::series::Aggregate;
use model::{Dimension, Dimensions, Kind, Level, Point, Quantity, Timestamp};

use super::Store;
use super::book::{PUBLISHED_MINUTE, get_meta, rows_of, set_meta};
use crate::{SeriesKey, StoreError};

/// Minutes that were missed are published for at most this long: after a restart the gap is filled,
/// and switching EMF on does not publish all of history.
const CATCH_UP_MINUTES_MAX: i64 = 120;

impl Store {
    /// The next minute that is closed and not yet published, with its records. With `open_too` also
    /// the minute that is still open, as when the process ends.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn next_to_publish(
        &mut self,
        open_too: bool,
    ) -> Result<Option<(i64, Vec<Record>)>, StoreError> {
        let Some(state) = &self.state else { return Ok(None) };
        let Some(open) = state.open_minute() else { return Ok(None) };
        let last = if open_too { open } else { open - 1 };
        let published = get_meta(&self.connection, PUBLISHED_MINUTE)?;
        let next = published.map_or(open, |minute| minute + 1).max(open - CATCH_UP_MINUTES_MAX);
        if next > last {
            if published.is_none() {
                self.published(open - 1)?;
            }
            return Ok(None);
        }
        let rows = rows_of(&self.connection, next)?;
        let pools: Vec<String> = state.pool_names().map(str::to_owned).collect();
        Ok(Some((next, records(next, rows, &pools))))
    }

    /// Notes that a minute is published.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn published(&mut self, minute: i64) -> Result<(), StoreError> {
        set_meta(&self.connection, PUBLISHED_MINUTE, minute)
    }
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
    let mut levels: BTreeMap<(Dimensions, &str), u64> = BTreeMap::new();
    for (key, aggregate) in rows {
        match key.spec.kind {
            Kind::Level => {
                levels.insert((key.dimensions, key.spec.name), aggregate.last);
            }
            Kind::Counter => add(key.dimensions, counted(key.spec, aggregate.sum)),
            Kind::Timing => {
                if let Some(histogram) = aggregate.histogram {
                    let quantity = Quantity::Distribution(histogram);
                    add(key.dimensions, Point { spec: key.spec, quantity });
                }
            }
        }
    }
    let pools = pools.iter().map(|pool| Dimensions::none().with(Dimension::Pool, pool.as_str()));
    for by in std::iter::once(Dimensions::none()).chain(pools) {
        for level in [c::JOBS_WAITING, c::OLDEST_WAITING_AGE, c::JOBS_RUNNING] as [Level; 3] {
            let value = levels.remove(&(by.clone(), level.0.name)).unwrap_or(0);
            add(by.clone(), level.is(value));
        }
    }
    by_dimensions.into_values().collect()
}

fn counted(spec: &'static model::Spec, n: u64) -> Point {
    Point { spec, quantity: Quantity::Add(n) }
}
