//! Looks at every alarm of every pool once a minute and tells what changed.
//!
//! Periods are counted back from the minute that was closed last, as CloudWatch's are, so an alarm
//! over an hour is looked at every minute. Minutes in which no step was made, as while no process
//! ran, are not made up for.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::expr::Relation;
use model::series::Aggregate;
use model::{Dimension, Dimensions, Query, Spec, Statistic, Timestamp};

use crate::memory::Memory;
use crate::{
    Alarm, Condition, EXTRA_PERIODS, Figure, Rules, Scope, Standing, State, Transition, Watch,
    evaluate,
};

/// Where counted minutes come from: a store, or a file of series.
pub trait Source {
    /// Why it could not be read.
    type Error;

    /// Everything that was counted in each minute that starts within `from..to`, of the series that
    /// `filter` selects; minutes without are left out.
    ///
    /// # Errors
    /// When it cannot be read.
    fn minutes(
        &mut self,
        spec: &'static Spec,
        filter: &Dimensions,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(Timestamp, Aggregate)>, Self::Error>;
}

/// An alarm and a pool; `None` for the fleet.
type Key = (&'static str, Option<String>);

/// Every alarm with how it stands.
#[derive(Clone, Debug)]
pub struct Engine {
    rules: Rules,
    memory: Memory,
    pools: BTreeSet<String>,
    /// What is watched, made anew when pools come or go.
    watched: Vec<Watched>,
    standings: BTreeMap<Key, Standing>,
}

/// One alarm of one pool, or of the fleet.
#[derive(Clone, Debug)]
struct Watched {
    alarm: Alarm,
    pool: Option<String>,
}

/// What a look at one alarm found.
struct Look {
    state: State,
    began_at: Option<Timestamp>,
    value: Option<f64>,
    figures: Vec<Figure>,
    reason: String,
}

impl Engine {
    /// With how the alarms stood when they were last looked at; those that are no longer known are
    /// forgotten.
    pub fn new(rules: Rules, stood: Vec<Standing>) -> Engine {
        let mut standings = BTreeMap::new();
        for standing in stood {
            if let Some(alarm) = rules.find(&standing.alarm) {
                standings.insert((alarm.name, standing.pool.clone()), standing);
            }
        }
        let (pools, watched) = (BTreeSet::new(), Vec::new());
        Engine { rules, memory: Memory::default(), pools, watched, standings }
    }

    /// The rules that it follows.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// How every alarm stands, by name and pool.
    pub fn standings(&self) -> Vec<Standing> {
        self.standings.values().cloned().collect()
    }

    /// Looks at every alarm as of the last minute that ended by `now`, of which the levels must have
    /// been counted: before the first such minute there is nothing to look at. What changed comes
    /// back, alarms over alarms last.
    ///
    /// # Errors
    /// When the source cannot be read; nothing has changed then.
    pub fn step<S: Source>(
        &mut self,
        source: &mut S,
        pools: &BTreeSet<String>,
        now: Timestamp,
    ) -> Result<Vec<Transition>, S::Error> {
        let now = now.minute();
        if self.watched.is_empty() || self.pools != *pools {
            self.watch(pools);
        }
        self.memory.read(source, now)?;
        let mut changed = Vec::new();
        for i in 0..self.watched.len() {
            let look = self.look(&self.watched[i], now);
            changed.extend(self.note(i, look, now));
        }
        Ok(changed)
    }

    fn watch(&mut self, pools: &BTreeSet<String>) {
        self.pools.clone_from(pools);
        self.watched.clear();
        let fleet = self.rules.of_fleet().map(|alarm| (alarm.clone(), None));
        let rules = &self.rules;
        let of_pools = pools.iter().flat_map(|pool| {
            rules.of_pool(pool).map(move |alarm| (alarm.clone(), Some(pool.clone())))
        });
        let mut all: Vec<Watched> = fleet
            .chain(of_pools)
            .map(|(alarm, pool)| Watched { alarm: for_pool(alarm, pool.as_deref()), pool })
            .collect();
        // Alarms over alarms are looked at after their parts.
        all.sort_by_key(|watched| watched.alarm.condition().is_none());
        for condition in all.iter().filter_map(|watched| watched.alarm.condition()) {
            let reach = condition.period * (condition.periods + EXTRA_PERIODS);
            for query in condition.expr.queries() {
                self.memory.want(query, reach);
            }
            if let Some(short) = &condition.short {
                short.expr.queries().iter().for_each(|q| self.memory.want(q, short.period));
            }
            for shown in &condition.shows {
                self.memory.want(&shown.query, condition.period.max(shown.query.period));
            }
        }
        let is_known = |pool: &str| pools.contains(pool);
        self.memory.retain(|by| by.get(Dimension::Pool).is_none_or(is_known));
        let keys: BTreeSet<Key> = all.iter().map(Watched::key).collect();
        self.standings.retain(|key, _| keys.contains(key));
        self.watched = all;
    }

    fn look(&self, watched: &Watched, now: Timestamp) -> Look {
        let current = self.standings.get(&watched.key()).map(|standing| standing.state);
        match &watched.alarm.watch {
            Watch::Metric(condition) => {
                self.compare(condition, current.unwrap_or(State::InsufficientData), now)
            }
            Watch::AnyOf(parts) => self.any_of(parts, watched.pool.as_ref()),
        }
    }

    fn compare(&self, condition: &Condition, current: State, now: Timestamp) -> Look {
        let periods = condition.periods + EXTRA_PERIODS;
        let ends: Vec<Timestamp> =
            (0..periods).rev().map(|back| now.minus(condition.period * back)).collect();
        let mut values: Vec<Option<f64>> = vec![None; ends.len()];
        let mut real = 0;
        // The newest first: further back is needed only where data is missing.
        for (value, end) in values.iter_mut().zip(&ends).rev() {
            *value = condition.expr.value(&mut |query| self.memory.answer(query, *end));
            real += u32::from(value.is_some());
            if real == condition.periods {
                break;
            }
        }
        let breached: Vec<Option<bool>> =
            values.iter().map(|value| value.map(|value| condition.breaches(value))).collect();
        let (m, n) = (condition.datapoints_to_alarm, condition.periods);
        let state = match evaluate(&breached, (m, n), condition.missing, current) {
            State::Alarm if !self.lasts(condition, now) => State::Ok,
            state => state,
        };
        let oldest = ends.iter().zip(&breached).find(|(_, breached)| **breached == Some(true));
        let began = oldest.map_or(now, |(end, _)| *end).minus(condition.period);
        Look {
            state,
            began_at: (state == State::Alarm).then_some(began),
            value: values.last().copied().flatten(),
            figures: self.figures(condition, now),
            reason: reason(condition, &values),
        }
    }

    /// Whether it breaches in the newest part of its period too, where that is asked.
    fn lasts(&self, condition: &Condition, now: Timestamp) -> bool {
        condition.short.as_ref().is_none_or(|short| {
            let value = short.expr.value(&mut |query| self.memory.answer(query, now));
            value.is_some_and(|value| condition.breaches(value))
        })
    }

    fn figures(&self, condition: &Condition, now: Timestamp) -> Vec<Figure> {
        let figure = |shown: &crate::Shown| Figure {
            label: shown.label.to_owned(),
            value: self.memory.answer(&shown.query, now),
            unit: unit(&shown.query).to_owned(),
        };
        condition.shows.iter().map(figure).collect()
    }

    fn any_of(&self, parts: &[&'static str], pool: Option<&String>) -> Look {
        let standing = |part: &&'static str| self.standings.get(&(*part, pool.cloned()));
        let firing: Vec<&Standing> = parts
            .iter()
            .filter_map(standing)
            .filter(|standing| standing.state == State::Alarm)
            .collect();
        let names: Vec<&str> = firing.iter().map(|standing| standing.alarm.as_str()).collect();
        let (state, reason) = match names.is_empty() {
            true => (State::Ok, "no part of it fires".to_owned()),
            false => (State::Alarm, names.join(", ")),
        };
        let began_at = firing.iter().filter_map(|standing| standing.began_at).min();
        let mut figures: Vec<Figure> = Vec::new();
        for figure in firing.iter().flat_map(|standing| &standing.figures) {
            if !figures.iter().any(|known| known.label == figure.label) {
                figures.push(figure.clone());
            }
        }
        Look { state, began_at, value: None, figures, reason }
    }

    fn note(&mut self, i: usize, look: Look, now: Timestamp) -> Option<Transition> {
        let Watched { alarm, pool } = &self.watched[i];
        let key = (alarm.name, pool.clone());
        let before = self.standings.get(&key);
        let from = before.map_or(State::InsufficientData, |standing| standing.state);
        let is_changed = from != look.state;
        let since = before.filter(|_| !is_changed).map_or(now, |standing| standing.since);
        let fired_at = before.and_then(|standing| standing.began_at);
        // While it fires it keeps when it began.
        let began_at = match (is_changed, look.state) {
            (false, State::Alarm) => fired_at.or(look.began_at),
            _ => look.began_at,
        };
        let told_since = match look.state {
            State::Alarm => began_at.unwrap_or(now),
            State::Ok | State::InsufficientData => {
                fired_at.or(before.map(|standing| standing.since)).unwrap_or(now)
            }
        };
        let transition = is_changed.then(|| Transition {
            alarm: alarm.name.to_owned(),
            pool: pool.clone(),
            severity: alarm.severity,
            part_of: alarm.part_of.map(str::to_owned),
            from,
            to: look.state,
            at: now,
            since: told_since,
            figures: look.figures.clone(),
            reason: look.reason.clone(),
        });
        let Look { state, value, figures, reason, .. } = look;
        let (alarm, pool) = (alarm.name.to_owned(), pool.clone());
        let standing =
            Standing { alarm, pool, state, since, began_at, seen_at: now, value, figures, reason };
        self.standings.insert(key, standing);
        transition
    }
}

impl Watched {
    fn key(&self) -> Key {
        (self.alarm.name, self.pool.clone())
    }
}

fn for_pool(mut alarm: Alarm, pool: Option<&str>) -> Alarm {
    if let (Scope::Pool, Some(pool), Watch::Metric(condition)) = (alarm.scope, pool, &alarm.watch) {
        alarm.watch = Watch::Metric(condition.of_pool(pool));
    }
    alarm
}

/// The unit of an answer: a share is in per cent, whatever its metric is in.
fn unit(query: &Query) -> &'static str {
    match query.statistic {
        Statistic::ShareUpTo(_) => "Percent",
        Statistic::SampleCount => "Count",
        _ => query.spec.unit.as_str(),
    }
}

/// `2 of the last 3 minutes were > 1800 s (3 are needed), the last was 1920`.
fn reason(condition: &Condition, values: &[Option<f64>]) -> String {
    let real: Vec<f64> =
        values.iter().rev().flatten().copied().take(condition.periods as usize).collect();
    let Some(newest) = real.first() else { return "no data".to_owned() };
    let breaching = real.iter().filter(|value| condition.breaches(**value)).count();
    let bound = match (condition.unit.is_empty(), condition.relation) {
        (true, Relation::AtLeast | Relation::Above) => "true".to_owned(),
        (true, _) => "false".to_owned(),
        (false, relation) => {
            format!("{} {} {}", relation.sign(), condition.threshold, condition.unit)
        }
    };
    let last = match condition.unit.is_empty() {
        true => String::new(),
        false => format!(", the last was {}", rounded(*newest)),
    };
    let needed = match breaching > 0 && breaching < condition.datapoints_to_alarm as usize {
        true => format!(" ({} are needed)", condition.datapoints_to_alarm),
        false => String::new(),
    };
    let periods = periods(real.len(), condition.period);
    format!("{breaching} of the last {periods} were {bound}{needed}{last}")
}

fn periods(count: usize, period: Duration) -> String {
    let plural = if count == 1 { "" } else { "s" };
    match period.as_secs() / 60 {
        1 => format!("{count} minute{plural}"),
        n => format!("{count} period{plural} of {n} minutes"),
    }
}

fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
