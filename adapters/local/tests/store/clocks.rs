//! Clocks that jump ahead and are set right, and clocks that are behind.

use std::time::Duration;

use crate::world::{World, job, secs};
use local::{Answer, Writer, WriterSettings};
use model::catalogue::{DELIVERIES_REJECTED, JOB_EVENTS, JOB_WAIT, JOBS_WAITING};
use model::emf::Record;
use model::{Dimension, Dimensions, Phase};

const HOUR: i64 = 3600;

/// A job that is queued while the machine's clock is ahead: GitHub's stamps are right.
fn queued_ahead(world: &mut World, id: u64, at: i64, ahead: i64) {
    let mut intake = world.at(at).delivery(job(id), Phase::Queued);
    intake.received_at = secs(at + ahead);
    world.at(at + ahead).commit(&[intake]).unwrap();
}

#[test]
fn what_was_counted_ahead_is_moved_to_the_present() {
    let mut world = World::new();
    world.queued(job(1)).at(30).started(job(1));
    queued_ahead(&mut world, 2, 65, 3 * HOUR);
    queued_ahead(&mut world, 3, 70, 3 * HOUR);
    world.at(130).tick();
    assert_eq!(
        world.minutes(&JOB_EVENTS.sum()),
        [(0, 2.0), (3, 2.0)],
        "nothing lies in the future"
    );
    assert_eq!(world.minutes(&JOB_WAIT.samples()), [(0, 1.0)]);
    world.at(180).queued(job(4)).at(240).tick();
    assert_eq!(world.minutes(&JOB_EVENTS.sum()), [(0, 2.0), (3, 3.0)]);
    let waiting = world.minutes(&JOBS_WAITING.max());
    assert_eq!(waiting.last(), Some(&(4, 3.0)), "{waiting:?}");
    assert_eq!(world.reopen().minutes(&JOB_EVENTS.sum()), [(0, 2.0), (3, 3.0)]);
}

#[test]
fn ages_count_from_now_at_the_latest() {
    let mut world = World::new();
    world.queued(job(1));
    queued_ahead(&mut world, 2, 60, HOUR);
    world.at(120).tick().started(job(1)).at(150);
    let pool = world.pool("linux");
    assert_eq!((pool.waiting, pool.oldest_waiting), (1, Some(Duration::from_secs(30))));
    assert_eq!(pool.newest_at, Some(secs(120)));
    assert_eq!(world.reopen().at(160).pool("linux").oldest_waiting, Some(Duration::from_secs(40)));
}

#[test]
fn each_event_is_published_once_although_the_clock_was_ahead() {
    let mut world = World::new();
    world.tick().publish();
    world.queued(job(1));
    queued_ahead(&mut world, 2, 65, HOUR);
    queued_ahead(&mut world, 3, 130, HOUR);
    let mut told = events(&mut world);
    queued_ahead(&mut world, 4, 190, HOUR);
    world.at(200).tick();
    told += events(&mut world);
    world.at(300).queued(job(5)).at(400).tick();
    told += events(&mut world);
    assert_eq!(told, 5);
    let kept: f64 = world.minutes(&JOB_EVENTS.sum()).into_iter().map(|(_, n)| n).sum();
    assert!((kept - 5.0).abs() < f64::EPSILON, "and kept once: {kept}");
}

/// How many job events the minutes that are due tell of.
fn events(world: &mut World) -> u64 {
    let by = Dimensions::none().with(Dimension::Pool, "linux").with(Dimension::Status, "queued");
    let published = world.publish();
    let of = |records: &Vec<Record>| crate::world::value_of(records, JOB_EVENTS.0.name, &by);
    published.iter().filter_map(|(_, records)| of(records)).sum()
}

#[test]
fn a_store_that_was_begun_ahead_is_set_right_too() {
    let mut world = World::new();
    queued_ahead(&mut world, 1, 0, 24 * HOUR);
    world.reopen().at(60).tick();
    assert_eq!(world.minutes(&JOB_EVENTS.sum()), [(2, 1.0)]);
    assert_eq!(world.pool("linux").oldest_waiting, Some(Duration::ZERO));
}

#[test]
fn a_clock_that_is_behind_moves_nothing() {
    let mut world = World::new();
    world.queued(job(1)).at(30 * 60).queued(job(2));
    let before = world.minutes(&JOB_EVENTS.sum());
    let mut stamped = world.delivery(job(3), Phase::Queued);
    // The machine begins to run and believes in an earlier time.
    stamped.received_at = secs(-HOUR);
    world.at(-HOUR).commit(&[stamped]).unwrap();
    world.tick().reopen().tick();
    assert_eq!(world.minutes(&JOB_EVENTS.sum()), [before[0], (30, 2.0)]);
    world.at(31 * 60).tick();
    assert_eq!(world.minutes(&JOB_EVENTS.sum()), [before[0], (30, 2.0)], "time catches up");
    assert_eq!(world.pool("linux").waiting, 3);
}

#[test]
fn small_steps_back_stay_in_the_open_minute() {
    let mut world = World::new();
    world.queued(job(1)).at(200).tick();
    world.meter.observe(
        Record::new(secs(85), Dimensions::none().with(Dimension::Reason, "x"))
            .with(DELIVERIES_REJECTED.inc()),
    );
    world.at(85).tick();
    assert_eq!(world.minutes(&DELIVERIES_REJECTED.sum()), [(3, 1.0)]);
}

#[test]
fn the_thread_follows_a_clock_that_is_set_right() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut world = World::new();
    let first = world.delivery(job(1), Phase::Queued);
    let second = world.at(60).delivery(job(2), Phase::Queued);
    let settings = WriterSettings { sink: None, queue_len: 3 };
    let writer = Writer::start(world.take_store(), settings).unwrap();
    for (intake, tick_at) in [(first, 5 * HOUR), (second, 60)] {
        assert_eq!(runtime.block_on(writer.deliver(intake)), Ok(Answer::Accepted));
        runtime.block_on(writer.tick(secs(tick_at)));
    }
    runtime.block_on(writer.finish()).unwrap();
    assert_eq!(world.minutes(&JOB_EVENTS.sum()), [(0, 1.0), (2, 1.0)]);
}
