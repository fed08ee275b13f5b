//! Batches as large as those of a flood: their sums lie in one row for up to a second.

use crate::world::{Job, World, job, secs};
use local::Intake;
use model::catalogue::{JOB_EVENTS, JOB_WAIT, JOBS_WAITING};
use model::{Dimension, Phase};

/// As many deliveries at once as only a flood brings.
const MANY: u32 = 20;

fn nth_job(n: u32) -> Job {
    job(u64::from(n) + 1)
}

/// A batch of new jobs, and the start of those before them.
fn batch(world: &mut World, nth: u32) -> Vec<Intake> {
    let first = nth * MANY;
    let mut batch: Vec<Intake> =
        (first..first + MANY).map(|id| world.delivery(nth_job(id), Phase::Queued)).collect();
    for id in first.saturating_sub(MANY)..first {
        batch.push(world.delivery(nth_job(id), Phase::InProgress));
    }
    batch
}

fn flood(world: &mut World, batches: std::ops::Range<u32>) {
    for nth in batches {
        let batch = batch(world, nth);
        let taken = world.commit(&batch).unwrap();
        assert!(taken.iter().all(|taken| !taken.duplicate));
    }
}

fn queued(world: &World) -> Vec<(i64, f64)> {
    world.minutes(&JOB_EVENTS.sum().of(Dimension::Status, "queued"))
}

#[test]
fn a_flood_that_is_killed_at_any_batch_is_counted_once() {
    for batches in 1..5 {
        let mut world = World::new();
        flood(&mut world, 0..batches);
        world.reopen();
        let events = batches * MANY;
        assert_eq!(queued(&world), [(0, f64::from(events))]);
        let started = f64::from(events - MANY);
        let waits = world.minutes(&JOB_WAIT.samples());
        assert_eq!(waits, Vec::from_iter((batches > 1).then_some((0, started))));
        flood(&mut world, batches..batches + 2);
        world.at(1).tick();
        assert_eq!(queued(&world), [(0, f64::from(events + 2 * MANY))]);
    }
}

#[test]
fn readers_of_series_are_behind_a_flood_by_a_second_at_most() {
    let mut world = World::new();
    flood(&mut world, 0..3);
    let behind = queued(&world)[0].1;
    assert!(behind < f64::from(3 * MANY), "{behind}");
    world.at(1);
    flood(&mut world, 3..4);
    assert_eq!(queued(&world), [(0, f64::from(4 * MANY))]);
}

#[test]
fn a_flood_that_ends_with_its_minute_is_published_whole() {
    let mut world = World::new();
    world.tick().publish();
    world.at(59);
    flood(&mut world, 0..4);
    world.at(60).queued(job(1000));
    let minutes = world.publish();
    assert_eq!(minutes.last().unwrap().0, 0);
    assert_eq!(queued(&world), [(0, f64::from(4 * MANY)), (1, 1.0)]);
    let waiting = world.minutes(&JOBS_WAITING.max());
    assert_eq!(waiting[0], (0, f64::from(2 * MANY)), "before the first of a batch start");
}

#[test]
fn a_store_that_a_flood_left_is_whole_for_an_import() {
    let mut world = World::new();
    flood(&mut world, 0..3);
    drop(world.take_store());
    let importer = local::Importer::open(&world.path(), &world.settings).unwrap();
    importer.finish(secs(30)).unwrap();
    assert_eq!(queued(&world), [(0, f64::from(3 * MANY))]);
}
