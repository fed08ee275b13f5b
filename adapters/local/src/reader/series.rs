//! Series over time, by the same queries that dashboards and alarms use.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::catalogue::{RUNNERS, RUNNERS_DESIRED};
use model::series::Aggregate;
use model::{Dimension, Dimensions, Kind, Level, Query, Spec, Timestamp, catalogue};
use rusqlite::{Connection, params};

use super::{Reader, hours};
use crate::store::{
    KEPT_LEVELS, aggregate_from, dimensions_from, find_series, heartbeat, pair_text, told_until,
};
use crate::{SeriesKey, StoreError};

impl Reader {
    /// One value for each period of `query` that holds data and starts within `from..to`; the
    /// instant is the period's start, periods are aligned to the epoch as CloudWatch's are.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn series(
        &self,
        query: &Query,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(Timestamp, f64)>, StoreError> {
        let periods = self.aggregates(query.spec, &query.filter, query.period, from, to)?;
        let value = |(at, a): (Timestamp, Aggregate)| Some((at, a.statistic(query.statistic)?));
        Ok(periods.into_iter().filter_map(value).collect())
    }

    /// The first minute that holds job events; `None` when there never was one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn first_minute(&self) -> Result<Option<Timestamp>, StoreError> {
        self.ask(|connection| {
            let mut first: Option<i64> = None;
            let none = Dimensions::none();
            for (series, _) in matching(connection, catalogue::JOB_EVENTS.0, &none, false)? {
                let minute: Option<i64> = connection
                    .prepare_cached("SELECT min(minute) FROM points WHERE series = ?1")?
                    .query_row([series], |row| row.get(0))?;
                first = first.into_iter().chain(minute).min();
            }
            Ok(first.map(|minute| Timestamp::from_secs(minute * 60)))
        })
    }

    /// The first and the last minute that were counted; `None` when none ever was.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn counted(&self) -> Result<Option<(Timestamp, Timestamp)>, StoreError> {
        self.ask(|connection| {
            let Some(series) = find_series(connection, &heartbeat())? else { return Ok(None) };
            let edge = |order: &str| -> Result<Option<i64>, StoreError> {
                let sql = format!("SELECT {order}(minute) FROM points WHERE series = ?1");
                let mut statement = connection.prepare_cached(&sql)?;
                Ok(statement.query_row([series], |row| row.get(0))?)
            };
            let at = |minute: i64| Timestamp::from_secs(minute * 60);
            Ok(edge("min")?.zip(edge("max")?).map(|(first, last)| (at(first), at(last))))
        })
    }

    /// The names of all metrics that have a series.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn metrics(&self) -> Result<BTreeSet<String>, StoreError> {
        self.ask(|connection| {
            let mut statement = connection.prepare_cached("SELECT DISTINCT metric FROM series")?;
            let names = statement.query_map([], |row| row.get(0))?;
            Ok(names.collect::<Result<_, _>>()?)
        })
    }

    /// The values that a dimension of a metric has, of series with these others, in order.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn values_of(
        &self,
        spec: &'static Spec,
        dimension: Dimension,
        filter: &Dimensions,
    ) -> Result<BTreeSet<String>, StoreError> {
        self.ask(|connection| {
            let series = matching(connection, spec, filter, true)?;
            let values = series.iter().filter_map(|(_, by)| by.get(dimension));
            Ok(values.map(str::to_owned).collect())
        })
    }

    /// What a level that the store keeps was on average in each `period`, of several pools at once.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn averages(
        &self,
        level: Level,
        pools: &[&str],
        period: Duration,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Vec<BTreeMap<Timestamp, f64>>, StoreError> {
        let period = i64::try_from(period.as_secs() / 60).unwrap_or(i64::MAX).max(1);
        let [from, to] = [from, to].map(|at| first_start(at, period.saturating_mul(60_000)));
        let start = |minute: i64| minute.div_euclid(period).saturating_mul(period);
        self.ask(|connection| {
            let mut counted: BTreeMap<i64, (u64, u64)> = BTreeMap::new();
            let beats = find_series(connection, &heartbeat())?;
            let beats: Vec<i64> = beats.into_iter().collect();
            sums(connection, &beats, from, to, &mut |minute, _| {
                counted.entry(start(minute)).or_default().1 += 1;
            })?;
            let mut all = Vec::with_capacity(pools.len());
            for pool in pools {
                let dimensions = Dimensions::none().with(Dimension::Pool, *pool);
                let found = find_series(connection, &SeriesKey { spec: level.0, dimensions })?;
                let ids: Vec<i64> = found.into_iter().collect();
                let mut periods = counted.clone();
                sums(connection, &ids, from, to, &mut |minute, aggregate| {
                    periods.entry(start(minute)).or_default().0 += aggregate.sum;
                })?;
                let at = |minute| Timestamp::from_secs(minute * 60);
                let average = |(sum, minutes): (u64, u64)| as_f64(sum) / as_f64(minutes.max(1));
                all.push(periods.into_iter().map(|(m, both)| (at(m), average(both))).collect());
            }
            Ok(all)
        })
    }

    /// Everything that was counted in each `period` that starts within `from..to`. The levels of a
    /// known pool are zero in minutes that were counted and in which it had no job, those of its
    /// runners in minutes in which the scaler looked.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn aggregates(
        &self,
        spec: &'static Spec,
        filter: &Dimensions,
        period: Duration,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(Timestamp, Aggregate)>, StoreError> {
        let period = i64::try_from(period.as_secs() / 60).unwrap_or(i64::MAX).max(1);
        let period_ms = period.saturating_mul(60_000);
        let [from, to] = [from, to].map(|at| first_start(at, period_ms));
        let mut periods: BTreeMap<i64, Aggregate> = BTreeMap::new();
        self.ask(|connection| {
            let mut add = |minute: i64, aggregate: &Aggregate| {
                let start = minute.div_euclid(period).saturating_mul(period);
                periods.entry(start).or_default().merge(aggregate);
            };
            let is_by_hours = period % 60 == 0;
            let told = told_until(connection)?.filter(|_| is_by_hours).unwrap_or(from);
            let told = told.clamp(from, to.max(from));
            hours::told(connection, (spec, filter), (from, told), &mut add)?;
            by_minutes(connection, (spec, filter), (told, to), &mut add)
        })?;
        Ok(periods.into_iter().map(|(m, a)| (Timestamp::from_secs(m * 60), a)).collect())
    }
}

/// Every minute of `from..to`.
fn by_minutes(
    connection: &Connection,
    (spec, filter): (&'static Spec, &Dimensions),
    (from, to): (i64, i64),
    add: &mut dyn FnMut(i64, &Aggregate),
) -> Result<(), StoreError> {
    if from >= to {
        return Ok(());
    }
    match quiet(connection, spec, filter)? {
        Some(quiet) => level(connection, &quiet, from, to, add),
        None => {
            let ids: Vec<i64> =
                matching(connection, spec, filter, false)?.into_iter().map(|(id, _)| id).collect();
            sums(connection, &ids, from, to, add)
        }
    }
}

/// The minute in which the first period starts that does not start before `at`.
fn first_start(at: Timestamp, period_ms: i64) -> i64 {
    let whole = at.as_millis().div_euclid(period_ms);
    let periods = whole + i64::from(at.as_millis().rem_euclid(period_ms) > 0);
    periods.saturating_mul(period_ms / 60_000)
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

fn level(
    connection: &Connection,
    quiet: &Quiet,
    from: i64,
    to: i64,
    add: &mut dyn FnMut(i64, &Aggregate),
) -> Result<(), StoreError> {
    let zero = Aggregate { samples: 1, ..Aggregate::default() };
    let mut statement = connection.prepare_cached(
        "SELECT counted.minute, level.samples IS NOT NULL AS is_there, level.samples, level.sum, \
         level.max, level.last, level.histogram FROM points AS counted LEFT JOIN points AS level \
         ON level.series = ?1 AND level.minute = counted.minute \
         WHERE counted.series = ?2 AND counted.minute >= ?3 AND counted.minute < ?4 \
         ORDER BY counted.minute",
    )?;
    let mut rows = statement.query(params![quiet.series, quiet.heartbeat, from, to])?;
    while let Some(row) = rows.next()? {
        let minute: i64 = row.get(0)?;
        match row.get(1)? {
            true => add(minute, &aggregate_from(row, 2)?),
            false => add(minute, &zero),
        }
    }
    Ok(())
}

pub(super) fn sums(
    connection: &Connection,
    series: &[i64],
    from: i64,
    to: i64,
    add: &mut dyn FnMut(i64, &Aggregate),
) -> Result<(), StoreError> {
    for id in series {
        let mut statement = connection.prepare_cached(
            "SELECT minute, samples, sum, max, last, histogram FROM points \
             WHERE series = ?1 AND minute >= ?2 AND minute < ?3 ORDER BY minute",
        )?;
        let mut rows = statement.query([*id, from, to])?;
        while let Some(row) = rows.next()? {
            add(row.get(0)?, &aggregate_from(row, 1)?);
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

#[expect(clippy::cast_precision_loss, reason = "levels are far below 2^53")]
fn as_f64(value: u64) -> f64 {
    value as f64
}
