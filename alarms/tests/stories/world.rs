//! Series in, transitions out: a fleet's minutes as a story sets them.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::ops::Range;

use alarms::{Engine, Rules, Source, State, Transition};
use model::series::Aggregate;
use model::{Dimension, Dimensions, Kind, Point, Spec, Timestamp, catalogue as c};

/// The pool of every story that needs one.
pub const POOL: &str = "linux";

/// What was counted, by series and minute.
#[derive(Clone, Default)]
pub struct World {
    pub counted: BTreeMap<(&'static str, Dimensions), BTreeMap<i64, Aggregate>>,
}

impl World {
    /// A fleet that is counted and looked at, and in which nothing happens.
    pub fn healthy(minutes: i64) -> Self {
        World::default()
            .fleet(0..minutes, &c::SCALER_TICKS.inc_by(6))
            .fleet(0..minutes, &c::JOBS_WAITING.is(0))
            .fleet(0..minutes, &c::JOBS_RUNNING.is(1))
    }

    /// Something that happens in each of these minutes, in the fleet.
    pub fn fleet(self, minutes: Range<i64>, point: &Point) -> Self {
        self.seen(&Dimensions::none(), minutes, point)
    }

    /// Something that happens in each of these minutes, in the pool.
    pub fn pool(self, minutes: Range<i64>, point: &Point) -> Self {
        self.seen(&Dimensions::none().with(Dimension::Pool, POOL), minutes, point)
    }

    /// Something that happens in each of these minutes.
    pub fn seen(mut self, by: &Dimensions, minutes: Range<i64>, point: &Point) -> Self {
        let series = self.counted.entry((point.spec.name, by.clone())).or_default();
        for minute in minutes {
            let aggregate = series.entry(minute).or_default();
            if point.spec.kind == Kind::Level {
                *aggregate = Aggregate::default();
            }
            aggregate.observe(&point.quantity);
        }
        self
    }

    /// Nothing is known of a metric in these minutes.
    pub fn without(mut self, spec: &'static Spec, minutes: Range<i64>) -> Self {
        for ((name, _), series) in &mut self.counted {
            if *name == spec.name {
                series.retain(|minute, _| !minutes.contains(minute));
            }
        }
        self
    }

    /// Everything that changed from the first minute to the last.
    pub fn transitions(&self, minutes: i64) -> Vec<Transition> {
        self.by(&Rules::default(), minutes)
    }

    /// The same by other rules.
    pub fn by(&self, rules: &Rules, minutes: i64) -> Vec<Transition> {
        let mut engine = Engine::new(rules.clone(), Vec::new());
        let pools = BTreeSet::from([POOL.to_owned()]);
        let mut source = self.clone();
        // The first minute must be over before anything can be said.
        (1..=minutes).flat_map(|m| engine.step(&mut source, &pools, at(m)).unwrap()).collect()
    }

    /// When one alarm began to fire, and when it ceased, in minutes.
    pub fn fires(&self, alarm: &str, minutes: i64) -> Vec<(i64, State)> {
        let all = self.transitions(minutes);
        let mut own: Vec<_> = all
            .iter()
            .filter(|transition| transition.alarm == alarm)
            .map(|transition| (transition.at.as_secs() / 60, transition.to))
            .collect();
        // That all is well at first is no news.
        if own.first().is_some_and(|(_, to)| *to == State::Ok) {
            own.remove(0);
        }
        own
    }
}

/// The end of a minute's predecessor.
pub fn at(minute: i64) -> Timestamp {
    Timestamp::from_secs(minute * 60)
}

impl Source for World {
    type Error = Infallible;

    fn minutes(
        &mut self,
        spec: &'static Spec,
        filter: &Dimensions,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(Timestamp, Aggregate)>, Infallible> {
        let mut found: BTreeMap<i64, Aggregate> = BTreeMap::new();
        let is_asked = |by: &Dimensions| match spec.kind {
            Kind::Level => by == filter,
            Kind::Counter | Kind::Timing => by.matches(filter),
        };
        for ((_, by), series) in self.counted.iter().filter(|((name, _), _)| *name == spec.name) {
            if is_asked(by) {
                let minutes = from.as_secs() / 60..to.as_secs() / 60;
                for (minute, aggregate) in series.range(minutes) {
                    found.entry(*minute).or_default().merge(aggregate);
                }
            }
        }
        Ok(found.into_iter().map(|(minute, aggregate)| (at(minute), aggregate)).collect())
    }
}
