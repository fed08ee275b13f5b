//! Minutes as they lie in the file: which series a question is about, and where what is not told was
//! zero.

use model::catalogue::{RUNNERS, RUNNERS_DESIRED};
use model::{Dimension, Dimensions, Kind, Spec};
use rusqlite::{Connection, params};

use crate::store::{Counted, KEPT_LEVELS, dimensions_from, find_series, heartbeat, pair_text};
use crate::{SeriesKey, StoreError};

/// Takes what was counted in a minute, or in the hour that it begins.
pub(super) type Add<'a> = &'a mut dyn FnMut(i64, &Counted<'_>) -> Result<(), StoreError>;

/// Every minute of `from..to`.
pub(super) fn by_minutes(
    connection: &Connection,
    (spec, filter): (&'static Spec, &Dimensions),
    (from, to): (i64, i64),
    add: Add<'_>,
) -> Result<(), StoreError> {
    if from >= to {
        return Ok(());
    }
    match quiet(connection, spec, filter)? {
        Some(quiet) => level(connection, &quiet, (from, to), add),
        None => {
            let ids: Vec<i64> =
                matching(connection, spec, filter, false)?.into_iter().map(|(id, _)| id).collect();
            sums(connection, &ids, (from, to), add)
        }
    }
}

/// A level that is told only while it is above zero: its series, if it ever was, beside the series
/// that has a row for every minute in which it would have been told.
pub(super) struct Quiet {
    pub(super) series: Option<i64>,
    pub(super) heartbeat: i64,
}

/// Whether the store itself keeps this level.
pub(super) fn is_kept(spec: &Spec) -> bool {
    KEPT_LEVELS.iter().any(|level| level.0 == spec)
}

pub(super) fn quiet(
    connection: &Connection,
    spec: &'static Spec,
    filter: &Dimensions,
) -> Result<Option<Quiet>, StoreError> {
    if !filter.are_exactly(&[Dimension::Pool]) {
        return Ok(None);
    }
    let key = SeriesKey { spec, dimensions: filter.clone() };
    let series = find_series(connection, &key)?;
    // A scaler that ran tells of every level of its pool; those that it left out were zero.
    if RUNNERS.iter().any(|level| level.0 == spec) {
        let desired = SeriesKey { spec: RUNNERS_DESIRED.0, dimensions: filter.clone() };
        let heartbeat = find_series(connection, &desired)?;
        return Ok(heartbeat.map(|heartbeat| Quiet { series, heartbeat }));
    }
    if !is_kept(spec) {
        return Ok(None);
    }
    let is_known = connection
        .prepare_cached("SELECT 1 FROM pools WHERE name = ?1")?
        .exists([filter.get(Dimension::Pool)])?;
    let heartbeat = find_series(connection, &heartbeat())?.filter(|_| is_known);
    Ok(heartbeat.map(|heartbeat| Quiet { series, heartbeat }))
}

/// Two walks side by side: to look for the level in each of the minutes that were counted would take
/// many times as long.
fn level(
    connection: &Connection,
    quiet: &Quiet,
    stretch: (i64, i64),
    add: Add<'_>,
) -> Result<(), StoreError> {
    let zero = Counted { samples: 1, ..Counted::default() };
    let mut statement = connection.prepare_cached(
        "SELECT minute FROM points WHERE series = ?1 AND minute >= ?2 AND minute < ?3 \
         ORDER BY minute",
    )?;
    let mut beats = statement.query([quiet.heartbeat, stretch.0, stretch.1])?;
    let mut next = || -> Result<Option<i64>, StoreError> {
        Ok(beats.next()?.map(|row| row.get(0)).transpose()?)
    };
    let mut beat = next()?;
    let told: Vec<i64> = quiet.series.into_iter().collect();
    sums(connection, &told, stretch, &mut |minute, counted| {
        while let Some(before) = beat.filter(|beat| *beat < minute) {
            add(before, &zero)?;
            beat = next()?;
        }
        if beat == Some(minute) {
            add(minute, counted)?;
            beat = next()?;
        }
        Ok(())
    })?;
    while let Some(minute) = beat {
        add(minute, &zero)?;
        beat = next()?;
    }
    Ok(())
}

pub(super) fn sums(
    connection: &Connection,
    series: &[i64],
    (from, to): (i64, i64),
    add: Add<'_>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT minute, samples, sum, max, last, histogram FROM points \
         WHERE series = ?1 AND minute >= ?2 AND minute < ?3 ORDER BY minute",
    )?;
    for id in series {
        let mut rows = statement.query([*id, from, to])?;
        while let Some(row) = rows.next()? {
            add(row.get(0)?, &Counted::of(row, 1)?)?;
        }
    }
    Ok(())
}

/// The series of a metric that a filter selects, with their dimensions where `named` or where a
/// filter has to look at them. Levels do not add up, so for them the filter names the series
/// exactly.
pub(super) fn matching(
    connection: &Connection,
    spec: &'static Spec,
    filter: &Dimensions,
    named: bool,
) -> Result<Vec<(i64, Dimensions)>, StoreError> {
    if spec.kind == Kind::Level && !named {
        let key = SeriesKey { spec, dimensions: filter.clone() };
        return Ok(find_series(connection, &key)?
            .map(|id| (id, filter.clone()))
            .into_iter()
            .collect());
    }
    // Most series of a large fleet are of other pools: their dimensions need not be taken apart.
    let mut statement = connection.prepare_cached(
        "SELECT id, dimensions FROM series \
         WHERE metric = ?1 AND (?2 IS NULL OR instr(dimensions, ?2) > 0)",
    )?;
    let pair = filter.iter().next().map(|(dimension, value)| pair_text(dimension, value));
    let mut rows = statement.query(params![spec.name, pair])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let dimensions = match named || pair.is_some() {
            true => dimensions_from(&row.get::<_, String>("dimensions")?)?,
            false => Dimensions::none(),
        };
        if dimensions.matches(filter) {
            found.push((row.get("id")?, dimensions));
        }
    }
    Ok(found)
}
