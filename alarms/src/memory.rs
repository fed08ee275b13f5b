//! The counted minutes that alarms look back on, each read from the source once.

use std::collections::BTreeMap;
use std::time::Duration;

use model::series::Aggregate;
use model::{Dimensions, Query, Spec, Statistic, Timestamp};

use crate::Source;

/// The minutes of each series, as far back as any alarm looks.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    series: BTreeMap<(&'static str, Dimensions), Minutes>,
}

#[derive(Clone, Debug, Default)]
struct Minutes {
    spec: Option<&'static Spec>,
    /// How far back it is kept.
    reach: Duration,
    /// Everything before this is known.
    until: Option<Timestamp>,
    counted: BTreeMap<Timestamp, Aggregate>,
}

impl Memory {
    /// Notes that a query is asked about the last `reach`.
    pub fn want(&mut self, query: &Query, reach: Duration) {
        let minutes = self.series.entry(key(query)).or_default();
        minutes.spec = Some(query.spec);
        if reach > minutes.reach {
            (minutes.reach, minutes.until) = (reach, None);
        }
    }

    /// Forgets every series of which `keep` says so.
    pub fn retain(&mut self, keep: impl Fn(&Dimensions) -> bool) {
        self.series.retain(|(_, by), _| keep(by));
    }

    /// Reads what was counted up to `now`.
    pub fn read<S: Source>(&mut self, source: &mut S, now: Timestamp) -> Result<(), S::Error> {
        for ((_, by), minutes) in &mut self.series {
            let Some(spec) = minutes.spec else { continue };
            let oldest = now.minus(minutes.reach);
            let from = minutes.until.map_or(oldest, |until| until.max(oldest));
            // A clock that was set back: what was counted since is counted anew.
            let from = from.min(now);
            minutes.counted.split_off(&from);
            for (at, aggregate) in source.minutes(spec, by, from, now)? {
                minutes.counted.insert(at, aggregate);
            }
            minutes.counted = minutes.counted.split_off(&oldest);
            minutes.until = Some(now);
        }
        Ok(())
    }

    /// What a query answers of the period of its length that ends at `end`.
    pub fn answer(&self, query: &Query, end: Timestamp) -> Option<f64> {
        let minutes = self.series.get(&key(query))?;
        let counted = minutes.counted.range(end.minus(query.period)..end).map(|(_, a)| a);
        statistic(counted, query.statistic)
    }
}

fn key(query: &Query) -> (&'static str, Dimensions) {
    (query.spec.name, query.filter.clone())
}

/// Distributions are merged only where a percentile asks for it: that is the dear part.
fn statistic<'a>(
    mut counted: impl Iterator<Item = &'a Aggregate>,
    statistic: Statistic,
) -> Option<f64> {
    let first = counted.next()?;
    match statistic {
        Statistic::Percentile(_) => {
            let mut all = first.clone();
            counted.for_each(|later| all.merge(later));
            all.statistic(statistic)
        }
        Statistic::ShareUpTo(bound) => {
            let mut sums = Aggregate::default();
            let mut within = 0;
            for aggregate in std::iter::once(first).chain(counted) {
                within += aggregate.histogram.as_ref().map_or(0, |h| h.count_up_to(bound));
                sums.samples += aggregate.samples;
            }
            // As an average of 100 for each that is within the bound, 0 for each that is not.
            sums.sum = within.saturating_mul(100);
            sums.statistic(Statistic::Average)
        }
        Statistic::Sum | Statistic::Average | Statistic::Maximum | Statistic::SampleCount => {
            let mut all = without_distribution(first);
            counted.for_each(|later| all.merge(&without_distribution(later)));
            all.statistic(statistic)
        }
    }
}

fn without_distribution(a: &Aggregate) -> Aggregate {
    Aggregate { samples: a.samples, sum: a.sum, max: a.max, last: a.last, histogram: None }
}
