//! Minutes that somebody else counted, taken into the series.
//!
//! A line states what a series was in a minute, so the row is raised to it and not added to: the
//! same line twice counts once, and a distribution that was split over several lines is put
//! together again. Whoever imports events *and* minutes of the same time counts it twice, once by
//! each.

use model::emf::Record;
use model::series::Aggregate;
use model::{Dimension, RollUp};
use rusqlite::Connection;

use super::super::pools::Pools;
use super::super::{minute_of, points};
use super::tally::Tally;
use crate::{SeriesKey, StoreError};

/// Raises the rows of each record's minute to what it states.
pub(super) fn join(
    connection: &Connection,
    tally: &mut Tally,
    pools: &mut Pools,
    records: impl Iterator<Item = Record>,
) -> Result<(), StoreError> {
    for record in records {
        if let Some(pool) = record.dimensions.get(Dimension::Pool) {
            pools.id(connection, pool)?;
        }
        for point in &record.points {
            // The line names the dimensions it was counted by, whatever is switched on here.
            let Some(key) = SeriesKey::of(point.spec, &record, &RollUp::ALL) else { continue };
            let id = tally.ids().of(connection, &key)?;
            let mut told = Aggregate::default();
            told.observe(&point.quantity);
            let minute = minute_of(record.at);
            let known = points::row(connection, id, minute)?.unwrap_or_default();
            points::write_row(
                &mut *connection.prepare_cached(points::WRITE)?,
                id,
                minute,
                &joined(known, told),
            )?;
        }
    }
    Ok(())
}

fn joined(known: Aggregate, told: Aggregate) -> Aggregate {
    let mut joined = Aggregate {
        samples: known.samples.max(told.samples),
        sum: known.sum.max(told.sum),
        max: known.max.max(told.max),
        last: known.last.max(told.last),
        histogram: None,
    };
    if let Some(told) = told.histogram {
        let mut histogram = known.histogram.unwrap_or_default();
        histogram.join(&told);
        (joined.samples, joined.sum) = (histogram.len(), histogram.sum());
        joined.histogram = Some(histogram);
    }
    joined
}
