//! Jobs that hear nothing more, and rows that grow old.

use std::time::Duration;

use crate::world::{World, job};
use ingest::ledger::{QUEUE_AGE_MAX, RUN_AGE_MAX};
use local::{Retention, Settings};
use model::catalogue::{JOB_EVENTS, JOBS_EXPIRED, JOBS_RUNNING, JOBS_WAITING};
use model::{Dimension, Level, Phase};

/// How many were given up in each minute in which any was.
fn given_up(world: &World, status: &str) -> Vec<f64> {
    let query = JOBS_EXPIRED.sum().of(Dimension::Status, status).of(Dimension::Pool, "linux");
    world.minutes(&query).into_iter().map(|(_, jobs)| jobs).collect()
}

/// What a level is in the last minute.
fn last(world: &World, level: Level) -> Vec<f64> {
    world.minutes(&level.max()).last().map(|(_, value)| *value).into_iter().collect()
}

fn after(age: Duration) -> i64 {
    i64::try_from(age.as_secs()).unwrap()
}

#[test]
fn a_queued_job_that_hears_nothing_more_is_given_up_and_counted() {
    let mut world = World::new();
    world.queued(job(1)).at(after(QUEUE_AGE_MAX)).tick();
    assert_eq!((world.pool("linux").waiting, given_up(&world, "queued")), (1, vec![]));
    world.at(after(QUEUE_AGE_MAX) + 60).tick();
    assert_eq!((world.pool("linux").waiting, given_up(&world, "queued")), (0, vec![1.0]));
    let jobs_expired =
        world.meter.since_start().into_iter().find(|(k, _)| k.spec == JOBS_EXPIRED.0);
    assert_eq!(jobs_expired.map(|(_, sum)| sum.sum), Some(1));
    world.minutes_pass(3);
    assert_eq!(given_up(&world, "queued"), [1.0], "and counted once");
    assert_eq!(world.totals("linux"), [1, 0, 0], "it stays in the totals");
    assert_eq!(last(&world, JOBS_WAITING), [0.0]);
}

#[test]
fn a_running_job_is_given_up_later() {
    let mut world = World::new();
    world.queued(job(1)).started(job(1)).at(after(RUN_AGE_MAX)).tick();
    assert_eq!(world.pool("linux").running, 1);
    world.at(after(RUN_AGE_MAX) + 60).tick();
    assert_eq!((world.pool("linux").running, given_up(&world, "in_progress")), (0, vec![1.0]));
}

#[test]
fn a_job_that_was_given_up_comes_back_with_its_next_event() {
    let mut world = World::new();
    world.queued(job(1)).at(after(QUEUE_AGE_MAX) + 60).tick().reopen();
    world.at(after(QUEUE_AGE_MAX) + 90).started(job(1));
    assert_eq!(world.pool("linux").running, 1);
    assert_eq!(last(&world, JOBS_RUNNING), [1.0]);
    world.completed(job(1));
    assert_eq!((world.pool("linux").running, world.totals("linux")), (0, [1, 1, 1]));
}

#[test]
fn jobs_are_given_up_also_while_deliveries_never_pause() {
    let mut world = World::new();
    world.queued(job(1));
    for (id, minute) in (2..).zip(0..3) {
        world.at(after(QUEUE_AGE_MAX) + 60 * minute).queued(job(id).on("mac"));
    }
    assert_eq!(world.pool("linux").waiting, 0);
}

fn short_memory() -> World {
    let hour = Duration::from_hours(1);
    let retention = Retention { jobs: hour, series: hour, deliveries: hour };
    World::with(Settings { retention, ..Settings::default() })
}

#[test]
fn finished_jobs_leave_after_their_retention_and_the_totals_follow() {
    let mut world = short_memory();
    world.queued(job(1)).started(job(1)).completed(job(1));
    world.at(1800).queued(job(2)).queued(job(3)).completed(job(3));
    world.at(3601).queued(job(4).on("mac"));
    assert_eq!(world.totals("linux"), [2, 1, 1], "the first is gone");
    world.at(3600 + 1860).tick();
    assert_eq!(world.totals("linux"), [1, 0, 0], "who still waits stays");
    assert_eq!(world.pool("linux").waits[0].known, 0);
    assert_eq!(world.reopen().totals("linux"), [1, 0, 0]);
}

/// The names of all pools.
fn pools(world: &World) -> Vec<String> {
    let pools = world.reader().pools(world.now, &[]).unwrap();
    pools.into_iter().map(|pool| pool.name).collect()
}

#[test]
fn a_label_set_leaves_with_its_last_job_and_frees_its_place() {
    let mut world = short_memory();
    world.queued(job(1).on("linux")).completed(job(1).on("linux"));
    for id in 2..=ingest::Router::LABEL_SETS_MAX as u64 + 1 {
        let mut intake = world.delivery(job(id), Phase::Queued);
        let ingest::Content::Job(event) = &mut intake.delivery.content else { unreachable!() };
        event.labels = model::Labels::new([format!("label-{id}")]);
        world.commit(&[intake]).unwrap();
    }
    assert!(pools(&world).contains(&"other".to_owned()));
    world.at(3660).tick();
    assert!(!pools(&world).contains(&"linux".to_owned()), "its only job was let go");
    world.queued(job(1000).on("mac")).queued(job(1001).on("windows"));
    let waiting = |world: &World| ["mac", "other"].map(|pool| world.pool(pool).waiting);
    assert_eq!((waiting(&world), waiting(world.reopen())), ([1, 2], [1, 2]));
    assert_eq!(last(&world, JOBS_WAITING), [102.0]);
}

#[test]
fn a_pool_of_the_configuration_stays_without_jobs() {
    let labels = model::Labels::new(["linux"]);
    let linux = model::Pool { name: "linux".into(), labels, runner_group: None };
    let mut world = World::with(Settings { pools: vec![linux], ..short_memory().settings });
    world.queued(job(1)).completed(job(1)).queued(job(2).on("mac")).completed(job(2).on("mac"));
    assert_eq!(pools(&world), ["linux", "unrouted"]);
    world.at(3660).tick();
    assert_eq!(pools(&world), ["linux"]);
}

#[test]
fn late_news_of_a_finished_job_does_not_prolong_its_stay() {
    let mut world = short_memory();
    world.queued(job(1)).completed(job(1)).at(1800).started(job(1)).queued(job(2)).at(3660).tick();
    assert_eq!(world.totals("linux"), [1, 0, 0]);
}

#[test]
fn ids_of_deliveries_leave_but_a_repeated_phase_is_still_known() {
    let mut world = short_memory();
    let first = world.named("no-guid", job(1), Phase::Queued);
    world.commit(std::slice::from_ref(&first)).unwrap();
    assert_eq!(rows(&world, "deliveries"), 1);
    world.at(3660).tick().tick();
    assert_eq!(rows(&world, "deliveries"), 0);
    assert!(world.commit(&[first]).unwrap()[0].duplicate, "by its phase");
}

#[test]
fn points_leave_after_their_retention_and_series_with_their_last_point() {
    let mut world = short_memory();
    world.queued(job(1)).started(job(1)).completed(job(1));
    let series = rows(&world, "series");
    world.minutes_pass(62 + series);
    assert_eq!(world.minutes(&JOB_EVENTS.sum()), []);
    assert!(rows(&world, "series") < series);
    world.queued(job(2)).reopen();
    assert_eq!(world.minutes(&JOB_EVENTS.sum()).len(), 1, "a series comes back when it is needed");
}

#[test]
fn the_file_shrinks_after_a_large_past() {
    let mut world = short_memory();
    for thousand in 0..16 {
        let batch: Vec<_> =
            (0..1000).map(|n| world.delivery(job(thousand * 1000 + n), Phase::Completed)).collect();
        world.commit(&batch).unwrap();
    }
    let before = pages(&world);
    world.at(3660).minutes_pass(10);
    let after = pages(&world);
    assert!(after < before * 2 / 3, "{before} pages became {after}");
}

fn rows(world: &World, table: &str) -> u64 {
    let file = rusqlite::Connection::open(world.path()).unwrap();
    let sql = format!("SELECT count(*) FROM {table}");
    file.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap().unsigned_abs()
}

fn pages(world: &World) -> i64 {
    let file = rusqlite::Connection::open(world.path()).unwrap();
    file.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap()
}
