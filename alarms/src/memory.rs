//! The counted minutes that alarms look back on, each read from the source once.
//!
//! A fleet has thousands of series, and most of them stand still. So minutes in which the same was
//! counted are kept as one stretch, and of distributions only what they hold.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use model::histogram::Packed;
use model::series::Aggregate;
use model::{Dimensions, Histogram, Query, Spec, Statistic, Timestamp};

use crate::Source;

const MINUTE: Duration = Duration::from_mins(1);

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
    /// In order of time.
    counted: VecDeque<Stretch>,
}

/// Minutes on end in each of which the same was counted.
#[derive(Clone, Debug)]
struct Stretch {
    from: Timestamp,
    /// Not included.
    to: Timestamp,
    each: Counted,
}

/// What was counted in a minute.
#[derive(Clone, Debug, PartialEq)]
struct Counted {
    samples: u64,
    sum: u64,
    max: u64,
    last: u64,
    distribution: Option<Box<Packed>>,
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
            minutes.forget_from(from);
            for (at, aggregate) in source.minutes(spec, by, from, now)? {
                minutes.add(at, &aggregate);
            }
            minutes.forget_before(oldest);
            minutes.until = Some(now);
        }
        Ok(())
    }

    /// What a query answers of the period of its length that ends at `end`.
    pub fn answer(&self, query: &Query, end: Timestamp) -> Option<f64> {
        let minutes = self.series.get(&key(query))?;
        statistic(minutes.within(end.minus(query.period), end), query.statistic)
    }
}

fn key(query: &Query) -> (&'static str, Dimensions) {
    (query.spec.name, query.filter.clone())
}

impl Minutes {
    /// Adds the next minute.
    fn add(&mut self, at: Timestamp, aggregate: &Aggregate) {
        let each = Counted::of(aggregate);
        match self.counted.back_mut() {
            Some(last) if last.to == at && last.each == each => last.to = at.plus(MINUTE),
            _ => self.counted.push_back(Stretch { from: at, to: at.plus(MINUTE), each }),
        }
    }

    fn forget_from(&mut self, from: Timestamp) {
        self.counted.retain_mut(|stretch| {
            stretch.to = stretch.to.min(from);
            stretch.from < stretch.to
        });
    }

    fn forget_before(&mut self, oldest: Timestamp) {
        self.counted.retain_mut(|stretch| {
            stretch.from = stretch.from.max(oldest);
            stretch.from < stretch.to
        });
    }

    /// What was counted in the minutes of `from..to`, in order, and in how many on end.
    fn within(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = (u64, &Counted)> {
        let first = self.counted.partition_point(|stretch| stretch.to <= from);
        let later = self.counted.range(first..).take_while(move |stretch| stretch.from < to);
        later.map(move |stretch| {
            let length = stretch.to.min(to).saturating_since(stretch.from.max(from));
            (length.as_secs() / MINUTE.as_secs(), &stretch.each)
        })
    }
}

impl Counted {
    fn of(aggregate: &Aggregate) -> Self {
        let Aggregate { samples, sum, max, last, histogram } = aggregate;
        let distribution = histogram.as_ref().map(|histogram| Box::new(histogram.packed()));
        Counted { samples: *samples, sum: *sum, max: *max, last: *last, distribution }
    }

    /// Of so many minutes together, without the distribution.
    fn times(&self, minutes: u64) -> Aggregate {
        Aggregate {
            samples: self.samples * minutes,
            sum: self.sum.saturating_mul(minutes),
            max: self.max,
            last: self.last,
            histogram: None,
        }
    }
}

/// Distributions are merged only where a percentile asks for it: that is the dear part.
fn statistic<'a>(
    counted: impl Iterator<Item = (u64, &'a Counted)>,
    statistic: Statistic,
) -> Option<f64> {
    let mut all = Aggregate::default();
    let mut within = 0;
    for (minutes, each) in counted {
        all.merge(&each.times(minutes));
        for distribution in (0..minutes).filter_map(|_| each.distribution.as_deref()) {
            match statistic {
                Statistic::Percentile(_) => {
                    all.histogram.get_or_insert_with(Histogram::new).merge_packed(distribution);
                }
                Statistic::ShareUpTo(bound) => within += distribution.count_up_to(bound),
                Statistic::Sum
                | Statistic::Average
                | Statistic::Maximum
                | Statistic::SampleCount => {}
            }
        }
    }
    match statistic {
        Statistic::ShareUpTo(_) => {
            // As an average of 100 for each that is within the bound, 0 for each that is not.
            all.sum = within.saturating_mul(100);
            all.statistic(Statistic::Average)
        }
        statistic => all.statistic(statistic),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Quantity, catalogue as c};
    use std::convert::Infallible;

    /// What was counted in each minute.
    struct Told(BTreeMap<Timestamp, Aggregate>);

    impl Source for Told {
        type Error = Infallible;

        fn minutes(
            &mut self,
            _spec: &'static Spec,
            _filter: &Dimensions,
            from: Timestamp,
            to: Timestamp,
        ) -> Result<Vec<(Timestamp, Aggregate)>, Infallible> {
            Ok(self.0.range(from..to).map(|(at, counted)| (*at, counted.clone())).collect())
        }
    }

    fn minute(number: i64) -> Timestamp {
        Timestamp::from_secs(number * 60)
    }

    fn told(minutes: &[(i64, &[u64])]) -> Told {
        let counted = |values: &[u64]| {
            let mut aggregate = Aggregate::default();
            for value in values {
                aggregate.observe(&Quantity::Took(*value));
            }
            aggregate
        };
        Told(minutes.iter().map(|(number, values)| (minute(*number), counted(values))).collect())
    }

    fn remembering(query: &Query, source: &mut Told, nows: &[i64]) -> Memory {
        let mut memory = Memory::default();
        memory.want(query, 10 * MINUTE);
        for now in nows {
            let Ok(()) = memory.read(source, minute(*now));
        }
        memory
    }

    #[test]
    fn minutes_are_answered_as_if_each_were_kept() {
        let minutes: &[(i64, &[u64])] =
            &[(1, &[5]), (2, &[5]), (3, &[5]), (5, &[5, 400]), (6, &[]), (7, &[0]), (8, &[0])];
        for query in [
            c::JOB_WAIT.samples(),
            c::JOB_WAIT.percentile(95),
            c::JOB_WAIT.share_up_to(300),
            c::JOBS_WAITING.average(),
            c::JOBS_WAITING.max(),
            c::JOB_EVENTS.sum(),
        ] {
            let query = query.every(3 * MINUTE);
            let memory = remembering(&query, &mut told(minutes), &[4, 6, 9]);
            for end in 1..=12 {
                let mut all: Option<Aggregate> = None;
                for counted in told(minutes).0.range(minute(end - 3)..minute(end)) {
                    all.get_or_insert_default().merge(counted.1);
                }
                let expected = all.and_then(|all| all.statistic(query.statistic));
                let found = memory.answer(&query, minute(end));
                assert_eq!(found, expected, "{query:?} at {end}");
            }
        }
    }

    #[test]
    fn what_stands_still_costs_one_stretch_however_long() {
        let query = c::JOBS_WAITING.average();
        let mut level = Told(BTreeMap::new());
        let zero = Aggregate { samples: 1, ..Aggregate::default() };
        level.0.extend((0..60).map(|number| (minute(number), zero.clone())));
        let nows: Vec<i64> = (1..=60).collect();
        let memory = remembering(&query, &mut level, &nows);
        let stretches = memory.series.values().map(|minutes| minutes.counted.len());
        assert_eq!(stretches.collect::<Vec<_>>(), [1]);
        assert_eq!(memory.answer(&query, minute(49)), None, "forgotten");
        assert_eq!(memory.answer(&query, minute(51)), Some(0.0));
    }

    #[test]
    fn a_clock_that_is_set_back_has_minutes_counted_anew() {
        let query = c::JOBS_WAITING.max();
        let mut memory = remembering(&query, &mut told(&[(1, &[7]), (2, &[7]), (3, &[7])]), &[4]);
        let Ok(()) = memory.read(&mut told(&[(2, &[1])]), minute(3));
        let found = [2, 3, 4].map(|end| memory.answer(&query, minute(end)));
        assert_eq!(found, [Some(7.0), Some(7.0), None]);
    }
}
