//! From minute to minute through history: what would have fired when.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use alarms::{Engine, Figure, Rules, Severity, Source, State, Transition};
use model::{Spec, Timestamp};
use serde::Serialize;

use super::usual::Usual;

/// The minutes that are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Minutes {
    /// The first of which anything is known: alarms look back as far.
    #[serde(skip)]
    pub known_from: Timestamp,
    /// The first that is looked at.
    pub from: Timestamp,
    /// The end of the last.
    pub to: Timestamp,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct History {
    /// What was looked at.
    #[serde(flatten)]
    pub minutes: Minutes,
    /// The pools.
    pub pools: BTreeSet<String>,
    /// Everything that fired, in order of time.
    pub fired: Vec<Fired>,
    /// Alarms that were left out since nothing tells what they live on.
    pub left_out: Vec<&'static str>,
}

/// An alarm from when it fired until it did no more.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fired {
    /// Which.
    pub alarm: String,
    /// Of which pool; `None` for the fleet.
    pub pool: Option<String>,
    /// Whom it concerns.
    pub severity: Severity,
    /// The alarm that would have told of it.
    pub part_of: Option<String>,
    /// When the oldest period that made it fire began.
    pub began_at: Timestamp,
    /// When it would have fired.
    pub fired_at: Timestamp,
    /// When it would have ceased; `None` if it fires at the end.
    pub cleared_at: Option<Timestamp>,
    /// How long it fired, until the end where it still does.
    pub lasted_secs: u64,
    /// Why, as a sentence.
    pub reason: String,
    /// Figures of the last period before.
    pub figures: Vec<Figure>,
}

/// Looks at every alarm in every minute. An alarm for which silence breaches is left out where
/// `is_told` knows nothing that it lives on: history that was written without it is no silence.
///
/// # Errors
/// When the source cannot be read.
pub fn over<S: Source>(
    rules: Rules,
    source: S,
    pools: BTreeSet<String>,
    minutes: Minutes,
    is_told: impl Fn(&'static Spec) -> bool,
    progress: impl Fn(u64),
) -> Result<History, S::Error> {
    let left_out = blind(&rules, is_told);
    let rules = rules.without(&left_out);
    let mut source = Usual::new(source, minutes.known_from);
    let mut engine = Engine::new(rules, Vec::new());
    let mut open: BTreeMap<(String, Option<String>), usize> = BTreeMap::new();
    let mut fired: Vec<Fired> = Vec::new();
    let mut now = minutes.from.plus(Duration::from_mins(1));
    while now <= minutes.to {
        for transition in engine.step(&mut source, &pools, now)? {
            let key = (transition.alarm.clone(), transition.pool.clone());
            if let Some(i) = open.remove(&key) {
                fired[i].cleared_at = Some(now);
            }
            if transition.to == State::Alarm {
                open.insert(key, fired.len());
                fired.push(began(transition));
            }
        }
        progress(1);
        now = now.plus(Duration::from_mins(1));
    }
    for one in &mut fired {
        let end = one.cleared_at.unwrap_or(minutes.to);
        one.lasted_secs = end.saturating_since(one.fired_at).as_secs();
    }
    Ok(History { minutes, pools, fired, left_out })
}

fn began(transition: Transition) -> Fired {
    Fired {
        alarm: transition.alarm,
        pool: transition.pool,
        severity: transition.severity,
        part_of: transition.part_of,
        began_at: transition.since,
        fired_at: transition.at,
        cleared_at: None,
        lasted_secs: 0,
        reason: transition.reason,
        figures: transition.figures,
    }
}

fn blind(rules: &Rules, is_told: impl Fn(&'static Spec) -> bool) -> Vec<&'static str> {
    let all = rules.of_fleet().chain(rules.of_each_pool());
    let breaching = all.filter(|alarm| {
        alarm.condition().is_some_and(|condition| condition.missing == alarms::Missing::Breaching)
    });
    let lacks = |alarm: &&alarms::Alarm| {
        alarm.condition().is_some_and(|condition| {
            condition.expr.queries().iter().any(|query| !is_told(query.spec))
        })
    };
    breaching.filter(lacks).map(|alarm| alarm.name).collect()
}
