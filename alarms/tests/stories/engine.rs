//! What the engine does with any alarm.

use std::collections::BTreeSet;
use std::time::Duration;

use alarms::{Engine, Rules, State, list};
use model::catalogue as c;

use crate::world::{POOL, World, at};

/// Jobs of the pool wait and none runs, from minute 30 until minute 60.
fn outage() -> World {
    World::healthy(90)
        .pool(0..90, &c::JOBS_WAITING.is(0))
        .pool(0..90, &c::JOBS_RUNNING.is(2))
        .pool(30..60, &c::JOBS_WAITING.is(3))
        .pool(30..60, &c::JOBS_RUNNING.is(0))
}

#[test]
fn an_incident_is_told_once_and_its_parts_are_seen() {
    let told: Vec<_> = outage()
        .transitions(90)
        .into_iter()
        .filter(alarms::Transition::is_told)
        .map(|t| (t.alarm, t.pool, t.to, t.at, t.since))
        .collect();
    let incident = list::POOL_INCIDENT.to_owned();
    let pool = Some(POOL.to_owned());
    assert_eq!(
        told,
        [
            (incident.clone(), pool.clone(), State::Alarm, at(40), at(30)),
            (incident, pool, State::Ok, at(61), at(30)),
        ]
    );
    assert_eq!(outage().fires(list::POOL_DOWN, 90), [(40, State::Alarm), (61, State::Ok)]);
}

#[test]
fn waits_burn_on_while_no_job_starts_and_some_wait() {
    // Five jobs a minute start late until none starts any more; after 40 minutes all are given up.
    let mut world = World::healthy(180).pool(0..180, &c::JOBS_WAITING.is(0));
    for _ in 0..5 {
        world = world.pool(30..60, &c::JOB_WAIT.took(Duration::from_mins(10)));
    }
    let world = world.pool(60..100, &c::JOBS_WAITING.is(3));
    let burns = world.fires(list::WAIT_SLO_BURN_FAST, 180);
    // 20 have started, and five minutes after the last one waited nothing is left of it.
    assert_eq!(burns, [(34, State::Alarm), (105, State::Ok)]);
}

#[test]
fn a_transition_says_why_and_shows_the_figures() {
    let all = outage().transitions(90);
    let fired = all.iter().find(|t| t.alarm == list::POOL_DOWN && t.to == State::Alarm).unwrap();
    assert_eq!(fired.reason, "10 of the last 10 minutes were true");
    let waiting = &fired.figures[0];
    assert_eq!((waiting.label.as_str(), waiting.value), ("jobs waiting", Some(3.0)));
}

#[test]
fn an_alarm_that_is_about_to_fire_says_what_it_still_needs() {
    let pools = BTreeSet::from([POOL.to_owned()]);
    let mut engine = Engine::new(Rules::default(), Vec::new());
    for minute in 0..=35 {
        engine.step(&mut outage(), &pools, at(minute)).unwrap();
    }
    let standings = engine.standings();
    let down = standings.iter().find(|it| it.alarm == list::POOL_DOWN).unwrap();
    assert_eq!(
        (down.state, down.reason.as_str()),
        (State::Ok, "5 of the last 10 minutes were true (10 are needed)")
    );
}

#[test]
fn an_engine_that_begins_anew_goes_on_where_the_last_one_was() {
    let pools = BTreeSet::from([POOL.to_owned()]);
    let mut first = Engine::new(Rules::default(), Vec::new());
    for minute in 0..=45 {
        first.step(&mut outage(), &pools, at(minute)).unwrap();
    }
    let stored = serde_json::to_string(&first.standings()).unwrap();
    let mut second = Engine::new(Rules::default(), serde_json::from_str(&stored).unwrap());
    let again: Vec<_> =
        (46..=60).flat_map(|m| second.step(&mut outage(), &pools, at(m)).unwrap()).collect();
    assert!(again.is_empty(), "{again:?}");
    let over = second.step(&mut outage(), &pools, at(61)).unwrap();
    let incident = over.iter().find(|t| t.alarm == list::POOL_INCIDENT).unwrap();
    assert_eq!((incident.to, incident.since), (State::Ok, at(30)));
}

#[test]
fn a_pool_that_is_gone_has_no_alarms() {
    let mut engine = Engine::new(Rules::default(), Vec::new());
    let step = |engine: &mut Engine, pools: &[&str], minute| {
        let pools = pools.iter().map(|pool| (*pool).to_owned()).collect();
        engine.step(&mut outage(), &pools, at(minute)).unwrap();
        engine.standings().iter().filter(|standing| standing.pool.is_some()).count()
    };
    assert!(step(&mut engine, &[POOL], 50) > 0);
    assert_eq!(step(&mut engine, &[], 51), 0);
}
