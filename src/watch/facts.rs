//! What a notification needs beside the alarms: figures of now, what Headroom does about it, and
//! what an incident did to jobs.

use std::collections::BTreeMap;
use std::time::Duration;

use alarms::list::{POOL_EXHAUSTED, QUEUE_WITHOUT_CAPACITY};
use alarms::notify::{Draft, Facts, Impact, Said};
use alarms::{Standing, State, Transition};
use local::StoreError;
use model::{Dimension, Dimensions, Statistic, Timestamp, catalogue as c};

use crate::config::Mode;
use crate::http::App;

/// Alarms that the scaler acts upon at once.
const URGENT: [&str; 2] = [POOL_EXHAUSTED, QUEUE_WITHOUT_CAPACITY];

/// Pools that the scaler is to look at now, since one of its alarms fires.
pub(super) fn urgent(changed: &[Transition]) -> Vec<String> {
    let is_urgent = |it: &&Transition| it.to == State::Alarm && URGENT.contains(&it.alarm.as_str());
    changed.iter().filter(is_urgent).filter_map(|it| it.pool.clone()).collect()
}

/// Pools whose exhaustion alarm fires, and since when.
pub(super) fn exhausted(standings: &[Standing]) -> BTreeMap<String, Timestamp> {
    let fires = |it: &&Standing| it.alarm == POOL_EXHAUSTED && it.state == State::Alarm;
    let since = |it: &Standing| Some((it.pool.clone()?, it.began_at.unwrap_or(it.since)));
    standings.iter().filter(fires).filter_map(since).collect()
}

pub(super) fn facts(
    app: &App,
    draft: &Draft,
    standings: &[Standing],
    now: Timestamp,
) -> Result<Facts, StoreError> {
    let mut facts = Facts::default();
    let known: BTreeMap<(&str, Option<&str>), &Standing> =
        standings.iter().map(|it| ((it.alarm.as_str(), it.pool.as_deref()), it)).collect();
    for (name, pool) in draft.alarms() {
        if let Some(alarm) = app.watch.rules().find(name) {
            facts.alarms.insert(name.to_owned(), alarm.clone());
        }
        let key = (name.to_owned(), pool.unwrap_or_default().to_owned());
        if let Some(standing) = known.get(&(name, pool)) {
            facts.now.insert(key.clone(), Said::from(*standing));
        }
        if let Some(note) = pool.and_then(|pool| note(app, name, pool)) {
            facts.notes.insert(key, note);
        }
    }
    for (pool, from, until) in draft.over() {
        let impact = impact(app, pool, (from, until), now)?;
        facts.impacts.insert(pool.unwrap_or_default().to_owned(), impact);
    }
    Ok(facts)
}

/// What Headroom does about an alarm by itself, or does not.
fn note(app: &App, alarm: &str, pool: &str) -> Option<String> {
    let policy = app.scaling.policy(pool);
    let (usual, lifted) = (policy.ceiling(false), policy.ceiling(true));
    match (alarm, app.scaling.mode_of(pool)) {
        (POOL_EXHAUSTED | QUEUE_WITHOUT_CAPACITY, Mode::Off) => {
            Some("Headroom's scaler is off: it launches nothing.".into())
        }
        (POOL_EXHAUSTED, _) if lifted == usual => Some(format!(
            "Nothing more is launched: runners_max_exhausted is not above runners_max ({usual})."
        )),
        (POOL_EXHAUSTED, Mode::DryRun) => Some(format!(
            "The scaler would lift the ceiling from {usual} to {lifted} while this holds; in a dry \
             run it launches nothing."
        )),
        (POOL_EXHAUSTED, Mode::Simulated | Mode::Act) => Some(format!(
            "The scaler has lifted the ceiling from {usual} to {lifted} while this holds."
        )),
        (QUEUE_WITHOUT_CAPACITY, Mode::DryRun) => {
            Some("Headroom's scaler is in a dry run: it launches nothing.".into())
        }
        (QUEUE_WITHOUT_CAPACITY, Mode::Simulated | Mode::Act) => {
            Some("The scaler has been asked to look at the pool at once.".into())
        }
        _ => None,
    }
}

/// What happened to jobs between two instants.
fn impact(
    app: &App,
    pool: Option<&str>,
    (from, until): (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<Impact, StoreError> {
    let by = pool.map_or(Dimensions::none(), |pool| Dimensions::none().with(Dimension::Pool, pool));
    let minute = Duration::from_mins(1);
    let waits =
        app.reader.aggregates(c::JOB_WAIT.0, &by, minute, from.minute(), until.plus(minute))?;
    let mut all = model::series::Aggregate::default();
    for (_, aggregate) in &waits {
        all.merge(aggregate);
    }
    let levels =
        app.reader.aggregates(c::JOBS_WAITING.0, &by, minute, now.minus(2 * minute), now)?;
    let has_any = all.samples > 0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole seconds")]
    let half = all.statistic(Statistic::Percentile(50)).map(|secs| secs as u64);
    Ok(Impact {
        jobs_started: all.samples,
        wait_p50_secs: half.filter(|_| has_any),
        wait_max_secs: has_any.then_some(all.max),
        jobs_waiting: levels.last().map_or(0, |(_, level)| level.last),
    })
}
