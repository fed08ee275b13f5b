//! A level of all pools together.
//!
//! The levels of five hundred pools over a day are some million minutes, of which few are told: a
//! level of a pool has rows where it was above zero. Those are added up, and which minutes were
//! looked at is asked once for all pools and not of each.

use std::collections::BTreeMap;
use std::time::Duration;

use model::catalogue::{RUNNERS, SCALER_TICKS};
use model::series::Aggregate;
use model::{Dimension, Dimensions, Level, Spec, Timestamp};
use rusqlite::{Connection, params};

use super::minutes::{is_kept, matching, sums};
use super::series::first_start;
use super::{Reader, hours};
use crate::store::{find_series, heartbeat, told_until};
use crate::{SeriesKey, StoreError};

/// Minutes in an hour.
const HOUR: i64 = 60;

/// What was added up, by the minute in which it starts.
type Starts = BTreeMap<i64, Aggregate>;

impl Reader {
    /// What a level of pools was of all of them together in each `period` that starts within
    /// `from..to`: minute by minute, or hour by hour of days that are over where that does. Then the
    /// highest are added up although they may have been at different minutes.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn total(
        &self,
        level: Level,
        period: Duration,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(Timestamp, Aggregate)>, StoreError> {
        let period = i64::try_from(period.as_secs() / 60).unwrap_or(i64::MAX).max(1);
        let [from, to] = [from, to].map(|at| first_start(at, period.saturating_mul(60_000)));
        let starts = self.ask(|connection| {
            let pools = of_pools(connection, level.0)?;
            let told = told_until(connection)?.filter(|_| period % HOUR == 0).unwrap_or(from);
            let told = told.clamp(from, to.max(from));
            let mut starts = by_hours(connection, (level.0, &pools), (from, told))?;
            starts.append(&mut by_minutes(connection, (level.0, &pools), (told, to))?);
            Ok(starts)
        })?;
        let mut periods = Starts::new();
        for (minute, aggregate) in starts {
            let start = minute.div_euclid(period).saturating_mul(period);
            periods.entry(start).or_default().merge(&aggregate);
        }
        Ok(periods.into_iter().map(|(m, a)| (Timestamp::from_secs(m * 60), a)).collect())
    }
}

fn by_minutes(
    connection: &Connection,
    (spec, pools): (&'static Spec, &[(i64, Dimensions)]),
    (from, to): (i64, i64),
) -> Result<Starts, StoreError> {
    if from >= to {
        return Ok(Starts::new());
    }
    // A place for each minute: in a map each of a million rows would look for its own.
    let place = |minute: i64| usize::try_from(minute - from).unwrap_or_default();
    let mut totals: Vec<Option<u64>> = vec![None; place(to)];
    for minute in looked_at(connection, spec, (from, to))? {
        totals[place(minute)] = Some(0);
    }
    let mut told = connection.prepare_cached(
        "SELECT minute, last FROM points WHERE series = ?1 AND minute >= ?2 AND minute < ?3",
    )?;
    for (series, _) in pools {
        let mut rows = told.query(params![series, from, to])?;
        while let Some(row) = rows.next()? {
            let last = row.get::<_, i64>(1)?.cast_unsigned();
            *totals[place(row.get(0)?)].get_or_insert_default() += last;
        }
    }
    let of_minute = |last| Aggregate { samples: 1, sum: last, max: last, last, histogram: None };
    let known = (from..to).zip(totals);
    Ok(known.filter_map(|(minute, total)| Some((minute, of_minute(total?)))).collect())
}

fn by_hours(
    connection: &Connection,
    (spec, pools): (&'static Spec, &[(i64, Dimensions)]),
    (from, to): (i64, i64),
) -> Result<Starts, StoreError> {
    let mut totals = Starts::new();
    if from >= to {
        return Ok(totals);
    }
    for (series, by) in pools {
        hours::told_of(connection, (spec, by), *series, (from, to), &mut |hour, level| {
            let total = totals.entry(hour).or_default();
            total.samples = total.samples.max(level.samples);
            total.sum = total.sum.saturating_add(level.sum);
            total.max = total.max.saturating_add(level.max);
            total.last = total.last.saturating_add(level.last);
            Ok(())
        })?;
    }
    let mut minutes: BTreeMap<i64, u64> = BTreeMap::new();
    let beat = heartbeat();
    hours::told(connection, (beat.spec, &beat.dimensions), (from, to), &mut |minute, counted| {
        *minutes.entry(minute.div_euclid(HOUR) * HOUR).or_default() += counted.samples;
        Ok(())
    })?;
    let mut known = |minute: i64| {
        let hour = minute.div_euclid(HOUR) * HOUR;
        let total = totals.entry(hour).or_default();
        total.samples = total.samples.max(minutes.get(&hour).copied().unwrap_or(0));
    };
    if is_of_scaler(spec) {
        let none = Dimensions::none();
        hours::told(connection, (SCALER_TICKS.0, &none), (from, to), &mut |minute, _| {
            known(minute);
            Ok(())
        })?;
    } else {
        minutes.keys().copied().for_each(known);
    }
    Ok(totals)
}

/// The series of a level by pool.
fn of_pools(
    connection: &Connection,
    spec: &'static Spec,
) -> Result<Vec<(i64, Dimensions)>, StoreError> {
    let mut series = matching(connection, spec, &Dimensions::none(), true)?;
    series.retain(|(_, by)| by.are_exactly(&[Dimension::Pool]));
    Ok(series)
}

/// Levels of runners are known where the scaler looked at any pool, others where minutes were
/// counted.
fn looked_at(
    connection: &Connection,
    spec: &'static Spec,
    (from, to): (i64, i64),
) -> Result<Vec<i64>, StoreError> {
    let key = match is_of_scaler(spec) {
        true => SeriesKey { spec: SCALER_TICKS.0, dimensions: Dimensions::none() },
        false => heartbeat(),
    };
    let mut minutes = Vec::new();
    let series: Vec<i64> = find_series(connection, &key)?.into_iter().collect();
    sums(connection, &series, (from, to), &mut |minute, _| {
        minutes.push(minute);
        Ok(())
    })?;
    Ok(minutes)
}

fn is_of_scaler(spec: &Spec) -> bool {
    !is_kept(spec) && RUNNERS.iter().any(|level| level.0 == spec)
}
