//! Counted minutes in memory, as files told them.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use alarms::Source;
use model::series::Aggregate;
use model::{Dimension, Dimensions, Kind, Point, Quantity, Spec, Timestamp, Unit};

type Minutes = BTreeMap<Timestamp, Aggregate>;

/// Series by metric and dimension values.
#[derive(Debug, Default)]
pub struct Table {
    series: BTreeMap<&'static str, BTreeMap<Dimensions, Minutes>>,
}

impl Table {
    /// Counts what was observed in the minute of `at`. Of a level the last counts.
    pub fn add(&mut self, at: Timestamp, by: &Dimensions, point: &Point) {
        let series = self.series.entry(point.spec.name).or_default();
        let aggregate = series.entry(by.clone()).or_default().entry(at.minute()).or_default();
        match point.quantity {
            Quantity::Is(level) => {
                *aggregate = Aggregate {
                    samples: 1,
                    sum: level,
                    max: aggregate.max.max(level),
                    last: level,
                    histogram: None,
                };
            }
            _ => aggregate.observe(&point.quantity),
        }
    }

    /// Every pool that has a series.
    pub fn pools(&self) -> BTreeSet<String> {
        let all = self.series.values().flat_map(BTreeMap::keys);
        all.filter_map(|by| by.get(Dimension::Pool)).map(str::to_owned).collect()
    }

    /// The first and the last minute of which anything is known.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let all = || self.series.values().flat_map(BTreeMap::values).flat_map(BTreeMap::keys);
        Some((*all().min()?, *all().max()?))
    }

    /// Whether there is any series of a metric.
    pub fn has(&self, spec: &Spec) -> bool {
        self.series.contains_key(spec.name)
    }

    /// The series that a filter asks for: that of exactly these values; otherwise those that are
    /// split the least further, all of them together.
    fn asked(&self, spec: &Spec, filter: &Dimensions) -> Vec<&Minutes> {
        let Some(series) = self.series.get(spec.name) else { return Vec::new() };
        if let Some(exact) = series.get(filter) {
            return vec![exact];
        }
        let names = |by: &Dimensions| by.iter().map(|(name, _)| name).collect::<Vec<_>>();
        let finer: Vec<(Vec<Dimension>, &Minutes)> = series
            .iter()
            .filter(|(by, _)| by.matches(filter))
            .map(|(by, minutes)| (names(by), minutes))
            .collect();
        let split = finer.iter().map(|(names, _)| names).min_by_key(|names| names.len()).cloned();
        finer.into_iter().filter(|(names, _)| Some(names) == split.as_ref()).map(|f| f.1).collect()
    }
}

impl Source for Table {
    type Error = Infallible;

    fn minutes(
        &mut self,
        spec: &'static Spec,
        filter: &Dimensions,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(Timestamp, Aggregate)>, Infallible> {
        let mut together: Minutes = BTreeMap::new();
        for minutes in self.asked(spec, filter) {
            for (at, aggregate) in minutes.range(from..to) {
                match together.get_mut(at) {
                    Some(known) => join(spec, known, aggregate),
                    None => {
                        together.insert(*at, aggregate.clone());
                    }
                }
            }
        }
        Ok(together.into_iter().collect())
    }
}

/// Counts of pools add up; of ages the oldest is the fleet's.
fn join(spec: &Spec, known: &mut Aggregate, more: &Aggregate) {
    match (spec.kind, spec.unit) {
        (Kind::Counter | Kind::Timing, _) => known.merge(more),
        (Kind::Level, Unit::Count) => {
            known.sum += more.sum;
            known.max += more.max;
            known.last += more.last;
        }
        (Kind::Level, Unit::Seconds | Unit::Milliseconds) => {
            known.sum = known.sum.max(more.sum);
            known.max = known.max.max(more.max);
            known.last = known.last.max(more.last);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::catalogue as c;

    fn by(pairs: &[(Dimension, &str)]) -> Dimensions {
        pairs.iter().fold(Dimensions::none(), |by, (name, value)| by.with(*name, *value))
    }

    fn asked(table: &mut Table, spec: &'static Spec, filter: &Dimensions) -> Option<u64> {
        let (from, to) = (Timestamp::EPOCH, Timestamp::from_secs(60));
        table.minutes(spec, filter, from, to).unwrap().first().map(|(_, a)| a.sum)
    }

    #[test]
    fn what_was_told_split_further_is_put_together() {
        let mut table = Table::default();
        let queued = (Dimension::Status, "queued");
        for pool in ["a", "b"] {
            let of_pool = (Dimension::Pool, pool);
            table.add(Timestamp::EPOCH, &by(&[of_pool, queued]), &c::JOB_EVENTS.inc_by(2));
            table.add(Timestamp::EPOCH, &by(&[of_pool]), &c::JOBS_WAITING.is(3));
            table.add(Timestamp::EPOCH, &by(&[of_pool]), &c::OLDEST_WAITING_AGE.is(30));
        }
        assert_eq!(asked(&mut table, c::JOB_EVENTS.0, &by(&[queued])), Some(4));
        assert_eq!(asked(&mut table, c::JOBS_WAITING.0, &Dimensions::none()), Some(6));
        assert_eq!(asked(&mut table, c::OLDEST_WAITING_AGE.0, &Dimensions::none()), Some(30));
        table.add(Timestamp::EPOCH, &by(&[queued]), &c::JOB_EVENTS.inc_by(5));
        assert_eq!(asked(&mut table, c::JOB_EVENTS.0, &by(&[queued])), Some(5));
        assert_eq!(asked(&mut table, c::JOB_EVENTS.0, &by(&[(Dimension::Pool, "c")])), None);
    }
}
