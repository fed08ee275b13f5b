//! Queries give back what was recorded.

use std::time::Duration;

use crate::world::{World, job, secs};
use local::Settings;
use model::Dimension::{Pool, Repository, Status};
use model::catalogue::{DELIVERIES_REJECTED, JOB_EVENTS, JOB_WAIT, JOBS_WAITING};
use model::emf::Record;
use model::{Dimension, Dimensions, RollUp};

/// Twenty jobs wait 6, 12, .. 120 seconds, half of them on each pool.
fn twenty_waits() -> World {
    let mut world = World::new();
    let one = |n: u32| job(u64::from(n)).on(if n.is_multiple_of(2) { "linux" } else { "mac" });
    for n in 1..=20 {
        world.queued(one(n));
    }
    for n in 1..=20 {
        world.at(i64::from(n) * 6).started(one(n));
    }
    world
}

#[test]
fn sums_are_split_by_the_dimensions_that_a_filter_names() {
    let mut world = twenty_waits();
    world.reopen();
    let events = || JOB_EVENTS.sum();
    assert_eq!(world.minutes(&events().of(Status, "queued")), [(0, 20.0)]);
    let started = events().of(Status, "in_progress").of(Pool, "mac");
    assert_eq!(world.minutes(&started), [(0, 5.0), (1, 5.0)]);
    assert_eq!(world.minutes(&events().of(Pool, "linux")), [(0, 14.0), (1, 5.0), (2, 1.0)]);
    assert_eq!(world.minutes(&events()), [(0, 29.0), (1, 10.0), (2, 1.0)], "left out: rolled up");
    assert_eq!(world.minutes(&events().of(Pool, "nobody")), []);
}

#[test]
fn percentiles_roll_up_over_pools_and_periods() {
    let world = twenty_waits();
    let p95 = JOB_WAIT.percentile(95);
    assert_eq!(world.minutes(&p95), [(0, 54.0), (1, 114.0), (2, 120.0)]);
    let hour = Duration::from_hours(1);
    assert_eq!(world.minutes(&p95.clone().every(hour)), [(0, 114.0)]);
    assert_eq!(world.minutes(&p95.of(Pool, "mac").every(hour)), [(0, 114.0)]);
    assert_eq!(world.minutes(&JOB_WAIT.samples().every(hour)), [(0, 20.0)]);
    assert_eq!(world.minutes(&JOB_WAIT.max().of(Pool, "linux").every(hour)), [(0, 120.0)]);
}

#[test]
fn a_period_is_whole_and_belongs_to_the_instant_it_starts_at() {
    let mut world = World::new();
    for minute in 0..10_u32 {
        world.at(i64::from(minute) * 60).queued(job(u64::from(minute)));
    }
    let five = JOB_EVENTS.sum().every(Duration::from_mins(5));
    let of = |from, to| world.reader().series(&five, secs(from), secs(to)).unwrap();
    let both = [(secs(0), 5.0), (secs(300), 5.0)];
    assert_eq!(of(0, 600), both);
    assert_eq!(of(-1, 301), both, "the second starts before the end");
    assert_eq!(of(1, 600), both[1..], "the first starts before the beginning");
    assert_eq!(of(0, 300), both[..1]);
    assert_eq!(of(600, 0), []);
}

#[test]
fn averages_of_levels_know_the_minutes_without_jobs() {
    let mut world = World::new();
    world.queued(job(1)).at(60).started(job(1)).at(9 * 60 + 59).tick();
    let ten = JOBS_WAITING.average().every(Duration::from_mins(10));
    assert_eq!(world.minutes(&ten.clone().of(Pool, "linux")), [(0, 0.1)]);
    assert_eq!(world.minutes(&ten), [(0, 0.1)]);
}

#[test]
fn repositories_have_series_where_they_are_switched_on() {
    let roll_ups = vec![RollUp::Repository];
    let mut world = World::with(Settings { roll_ups, ..Settings::default() });
    world.queued(job(1)).queued(job(2));
    let of = |name| JOB_EVENTS.sum().of(Repository, name);
    assert_eq!(world.minutes(&of("octo/cat")), [(0, 2.0)]);
    assert_eq!(world.minutes(&of("octo/dog")), []);
    assert_eq!(world.minutes(&JOB_EVENTS.sum().of(Pool, "linux")), [(0, 2.0)]);
}

#[test]
fn what_the_rim_counts_reaches_the_minute_it_was_seen_in() {
    let mut world = World::new();
    let by = || Dimensions::none().with(Dimension::Reason, "signature_wrong");
    let refuse = |world: &World, at| {
        world.meter.observe(Record::new(secs(at), by()).with(DELIVERIES_REJECTED.inc()));
    };
    world.tick();
    for at in [5, 6, 65] {
        refuse(&world, at);
    }
    world.at(130).queued(job(1));
    refuse(&world, 131);
    world.at(132).tick().reopen();
    let rejected = DELIVERIES_REJECTED.sum().of(Dimension::Reason, "signature_wrong");
    assert_eq!(world.minutes(&rejected), [(0, 2.0), (1, 1.0), (2, 1.0)]);
    assert_eq!(world.minutes(&JOB_EVENTS.sum()), [(2, 1.0)]);
}

#[test]
fn the_first_minute_is_that_of_the_first_job_event() {
    let mut world = World::new();
    world.tick();
    assert_eq!(world.reader().first_minute().unwrap(), None);
    world.at(125).queued(job(1)).at(300).queued(job(2).on("mac"));
    assert_eq!(world.reader().first_minute().unwrap(), Some(secs(120)));
}
