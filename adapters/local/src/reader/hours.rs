//! Series of days that are over, by the hour.

use std::collections::{BTreeMap, BTreeSet};

use model::series::Aggregate;
use model::{Dimensions, Spec};
use rusqlite::{Connection, params};

use super::minutes::{self, Add, Quiet};
use crate::StoreError;
use crate::store::{Counted, find_hours, heartbeat};

/// Minutes in an hour and in a day.
const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

/// What was counted in each hour of `from..to`, whole hours of days that are told. Of quiet days
/// the few minutes are read.
pub(super) fn told(
    connection: &Connection,
    (spec, filter): (&'static Spec, &Dimensions),
    (from, to): (i64, i64),
    add: Add<'_>,
) -> Result<(), StoreError> {
    if from >= to {
        return Ok(());
    }
    let hours = find_hours(connection, spec, filter)?;
    let mut busy = BTreeSet::new();
    if let Some((series, is_whole)) = hours {
        each_hour(connection, series, (from, to), |minute, counted| {
            busy.insert(minute.div_euclid(DAY));
            add(minute, counted)
        })?;
        if is_whole {
            return Ok(());
        }
    }
    // Of a pool's runners the hours are of the minutes that were told.
    let quiet = minutes::quiet(connection, spec, filter)?.filter(|_| minutes::is_kept(spec));
    let ids = match &quiet {
        Some(Quiet { series, .. }) => series.iter().copied().collect(),
        None => {
            let found = minutes::matching(connection, spec, filter, false)?;
            found.into_iter().map(|(id, _)| id).collect::<Vec<_>>()
        }
    };
    for stretch in stretches((from, to), &busy) {
        match &quiet {
            None => minutes::sums(connection, &ids, stretch, add)?,
            Some(_) => quiet_hours(connection, &ids, stretch, add)?,
        }
    }
    Ok(())
}

/// The hours of `from..to`, whole hours of days that are told, in which a pool's level was told, from
/// its rows alone: of quiet days from the minutes of its `series`.
pub(super) fn told_of(
    connection: &Connection,
    (spec, by): (&'static Spec, &Dimensions),
    series: i64,
    (from, to): (i64, i64),
    add: Add<'_>,
) -> Result<(), StoreError> {
    let mut busy = BTreeSet::new();
    if let Some((hours, _)) = find_hours(connection, spec, by)? {
        each_hour(connection, hours, (from, to), |minute, counted| {
            busy.insert(minute.div_euclid(DAY));
            add(minute, counted)
        })?;
    }
    for stretch in stretches((from, to), &busy) {
        for (hour, aggregate) in by_the_hour(connection, &[series], stretch)? {
            add(hour, &Counted::plain(&aggregate))?;
        }
    }
    Ok(())
}

fn each_hour(
    connection: &Connection,
    series: i64,
    (from, to): (i64, i64),
    mut take: impl FnMut(i64, &Counted<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT hour, samples, sum, max, last, histogram FROM hours \
         WHERE series = ?1 AND hour >= ?2 AND hour < ?3 ORDER BY hour",
    )?;
    let mut rows = statement.query(params![series, from / HOUR, to / HOUR])?;
    while let Some(row) = rows.next()? {
        take(row.get::<_, i64>(0)? * HOUR, &Counted::of(row, 1)?)?;
    }
    Ok(())
}

/// The stretches of `from..to` that lie in no busy day.
fn stretches((from, to): (i64, i64), busy: &BTreeSet<i64>) -> Vec<(i64, i64)> {
    let mut stretches = Vec::new();
    let mut start = from;
    for day in busy {
        stretches.push((start, day * DAY));
        start = (day + 1) * DAY;
    }
    stretches.push((start, to));
    stretches.retain(|(start, end)| start < end);
    stretches
}

/// Hours of a level that has rows only where it was not zero; the fleet's tell which minutes were
/// counted.
fn quiet_hours(
    connection: &Connection,
    ids: &[i64],
    (from, to): (i64, i64),
    add: Add<'_>,
) -> Result<(), StoreError> {
    let mut known = by_the_hour(connection, ids, (from, to))?;
    let mut minutes: BTreeMap<i64, u64> = BTreeMap::new();
    let key = heartbeat();
    told(connection, (key.spec, &key.dimensions), (from, to), &mut |minute, counted| {
        *minutes.entry(minute.div_euclid(HOUR) * HOUR).or_default() += counted.samples;
        Ok(())
    })?;
    for (minute, counted) in minutes {
        let hour = known.entry(minute).or_default();
        hour.samples = hour.samples.max(counted);
    }
    for (minute, aggregate) in known {
        add(minute, &Counted::plain(&aggregate))?;
    }
    Ok(())
}

/// The minutes of a level that has rows only where it was not zero, by the hour: where the last
/// minute of one has none, it was zero at its end.
fn by_the_hour(
    connection: &Connection,
    ids: &[i64],
    stretch: (i64, i64),
) -> Result<BTreeMap<i64, Aggregate>, StoreError> {
    let mut known: BTreeMap<i64, Aggregate> = BTreeMap::new();
    minutes::sums(connection, ids, stretch, &mut |minute, counted| {
        let hour = known.entry(minute.div_euclid(HOUR) * HOUR).or_default();
        counted.merge_into(hour, false)?;
        if minute % HOUR != HOUR - 1 {
            hour.last = 0;
        }
        Ok(())
    })?;
    Ok(known)
}
