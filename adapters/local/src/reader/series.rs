//! Series over time, by the same queries that dashboards and alarms use.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::ports::{History, Series};
use model::series::Aggregate;
use model::{Dimension, Dimensions, Level, Query, Spec, Timestamp, catalogue};

use super::minutes::{by_minutes, matching, sums};
use super::{Reader, hours};
use crate::store::{Counted, find_series, heartbeat, told_until};
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
    ) -> Result<Series, StoreError> {
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
            let mut statement = connection.prepare_cached(
                "SELECT min((SELECT min(minute) FROM points WHERE series = series.id)) \
                 FROM series WHERE metric = ?1",
            )?;
            let name = catalogue::JOB_EVENTS.0.name;
            let first: Option<i64> = statement.query_row([name], |row| row.get(0))?;
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
            sums(connection, &beats, (from, to), &mut |minute, _| {
                counted.entry(start(minute)).or_default().1 += 1;
                Ok(())
            })?;
            let mut all = Vec::with_capacity(pools.len());
            for pool in pools {
                let dimensions = Dimensions::none().with(Dimension::Pool, *pool);
                let found = find_series(connection, &SeriesKey { spec: level.0, dimensions })?;
                let ids: Vec<i64> = found.into_iter().collect();
                let mut periods = counted.clone();
                sums(connection, &ids, (from, to), &mut |minute, level| {
                    periods.entry(start(minute)).or_default().0 += level.sum;
                    Ok(())
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
    /// runners in minutes in which the scaler looked; hours of days that are over hold the latter
    /// only as far as they were told.
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
        self.periods((spec, filter), period, (from, to), true)
    }

    /// The same without distributions, for whoever asks for sums, numbers and levels.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn figures(
        &self,
        spec: &'static Spec,
        filter: &Dimensions,
        period: Duration,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(Timestamp, Aggregate)>, StoreError> {
        self.periods((spec, filter), period, (from, to), false)
    }

    fn periods(
        &self,
        series: (&'static Spec, &Dimensions),
        period: Duration,
        (from, to): (Timestamp, Timestamp),
        with_distribution: bool,
    ) -> Result<Vec<(Timestamp, Aggregate)>, StoreError> {
        let period = i64::try_from(period.as_secs() / 60).unwrap_or(i64::MAX).max(1);
        let [from, to] = [from, to].map(|at| first_start(at, period.saturating_mul(60_000)));
        let mut periods: BTreeMap<i64, Aggregate> = BTreeMap::new();
        self.ask(|connection| {
            let mut add = |minute: i64, counted: &Counted<'_>| {
                let start = minute.div_euclid(period).saturating_mul(period);
                counted.merge_into(periods.entry(start).or_default(), with_distribution)
            };
            let is_by_hours = period % 60 == 0;
            let told = told_until(connection)?.filter(|_| is_by_hours).unwrap_or(from);
            let told = told.clamp(from, to.max(from));
            hours::told(connection, series, (from, told), &mut add)?;
            by_minutes(connection, series, (told, to), &mut add)
        })?;
        Ok(periods.into_iter().map(|(m, a)| (Timestamp::from_secs(m * 60), a)).collect())
    }
}

impl History for Reader {
    type Error = StoreError;

    fn answers(
        &self,
        queries: &[Query],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Series>, StoreError> {
        queries.iter().map(|query| self.series(query, from, to)).collect()
    }
}

/// The minute in which the first period starts that does not start before `at`.
pub(super) fn first_start(at: Timestamp, period_ms: i64) -> i64 {
    let whole = at.as_millis().div_euclid(period_ms);
    let periods = whole + i64::from(at.as_millis().rem_euclid(period_ms) > 0);
    periods.saturating_mul(period_ms / 60_000)
}

#[expect(clippy::cast_precision_loss, reason = "levels are far below 2^53")]
fn as_f64(value: u64) -> f64 {
    value as f64
}
