//! Ends and beginnings of the process, and minutes that were published while they were open.

use crate::world::{World, job};
use model::catalogue::{JOB_EVENTS, JOBS_WAITING};

#[test]
fn the_open_minute_is_counted_on_after_a_restart() {
    let mut world = World::new();
    world.queued(job(1)).at(20).reopen().queued(job(2)).at(40).reopen().queued(job(3));
    assert_eq!(world.minutes(&JOB_EVENTS.sum()), [(0, 3.0)]);
}

/// Publishes the open minute too, as an orderly end does.
fn end(world: &mut World) -> Vec<i64> {
    let mut minutes = Vec::new();
    while let Some((minute, _)) = world.store().next_to_publish(true).unwrap() {
        world.store().published(minute).unwrap();
        minutes.push(minute - crate::world::ORIGIN / 60);
    }
    minutes
}

#[test]
fn a_minute_that_was_published_while_open_counts_no_further() {
    let mut world = World::new();
    world.queued(job(1));
    assert_eq!(end(&mut world), [0]);
    world.reopen().at(30).queued(job(2)).at(60).queued(job(3));
    assert_eq!(world.minutes(&JOB_EVENTS.sum()), [(0, 1.0), (1, 2.0)]);
    assert_eq!(world.at(120).tick().publish().len(), 1, "minute 1, and minute 0 not again");
}

#[test]
fn restarts_without_news_do_not_run_ahead_of_the_clock() {
    let mut world = World::new();
    world.queued(job(1));
    assert_eq!(end(&mut world), [0]);
    for _ in 0..5 {
        world.reopen().at(30).tick();
        assert!(end(&mut world).is_empty());
    }
    world.at(60).queued(job(2));
    assert_eq!(world.minutes(&JOB_EVENTS.sum()), [(0, 1.0), (1, 1.0)]);
}

#[test]
fn after_an_orderly_end_the_gap_is_not_filled_either() {
    let mut world = World::new();
    world.queued(job(1));
    end(&mut world);
    world.reopen().at(5 * 60).tick();
    assert_eq!(world.minutes(&JOBS_WAITING.max()), [(0, 1.0), (5, 1.0)]);
}
