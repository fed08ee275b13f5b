//! Series over time, by the same queries that dashboards and alarms use.

use std::collections::BTreeMap;
use std::time::Duration;

use model::series::Aggregate;
use model::{Dimensions, Kind, Query, Spec, Timestamp};
use rusqlite::{Connection, params};

use super::Reader;
use crate::StoreError;
use crate::store::{aggregate_from, dimensions_from};

impl Reader {
    /// One value for each period of `query` that holds data and lies within `from..to`; the instant
    /// is the period's start, periods are aligned to the epoch as CloudWatch's are.
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

    /// Everything that was counted in each `period` within `from..to`.
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
        let minutes = [from, to].map(|at| at.as_secs().div_euclid(60));
        let mut periods: BTreeMap<i64, Aggregate> = BTreeMap::new();
        self.ask(|connection| {
            for series in matching(connection, spec, filter)? {
                let mut statement = connection.prepare_cached(
                    "SELECT minute, samples, sum, max, last, histogram FROM points \
                     WHERE series = ?1 AND minute >= ?2 AND minute < ?3 ORDER BY minute",
                )?;
                let mut rows = statement.query(params![series, minutes[0], minutes[1]])?;
                while let Some(row) = rows.next()? {
                    let minute: i64 = row.get("minute")?;
                    let start = minute.div_euclid(period) * period;
                    periods.entry(start).or_default().merge(&aggregate_from(row)?);
                }
            }
            Ok(())
        })?;
        Ok(periods.into_iter().map(|(m, a)| (Timestamp::from_secs(m * 60), a)).collect())
    }
}

/// The series of a metric that a filter selects. Levels do not add up, so for them the filter names
/// the series exactly.
fn matching(
    connection: &Connection,
    spec: &Spec,
    filter: &Dimensions,
) -> Result<Vec<i64>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT id, dimensions FROM series WHERE metric = ?1")?;
    let mut rows = statement.query([spec.name])?;
    let mut ids = Vec::new();
    while let Some(row) = rows.next()? {
        let dimensions = dimensions_from(&row.get::<_, String>("dimensions")?)?;
        let selected = match spec.kind {
            Kind::Level => dimensions == *filter,
            Kind::Counter | Kind::Timing => dimensions.matches(filter),
        };
        if selected {
            ids.push(row.get("id")?);
        }
    }
    Ok(ids)
}
