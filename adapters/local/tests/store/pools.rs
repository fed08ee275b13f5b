//! Pools at a glance: totals, ages, percentiles, and which pools there are.

use std::time::Duration;

use crate::world::{World, job, secs};
use ingest::Router;
use local::{Settings, Waits};
use model::{Conclusion, Labels, OTHER_POOL, Phase, Pool};

#[test]
fn totals_count_distinct_jobs() {
    let mut world = World::new();
    world.queued(job(1)).started(job(1)).completed(job(1));
    world.queued(job(2)).completed(job(2).without_runner(Conclusion::Cancelled));
    world.completed(job(3).without_runner(Conclusion::Skipped));
    assert_eq!(world.totals("linux"), [2, 1, 3], "skipped and cancelled jobs are over");
    world.queued(job(4)).completed(job(4));
    assert_eq!(world.totals("linux"), [3, 2, 4], "who ended on a runner has started");
    world.started(job(4));
    assert_eq!(world.totals("linux"), [3, 2, 4], "the late start was known");
}

#[test]
fn ages_count_from_receipt() {
    let mut world = World::new();
    let mut late = world.at(-600).delivery(job(1), Phase::Queued);
    late.received_at = secs(0);
    world.at(0).commit(&[late]).unwrap();
    world.at(10).queued(job(2)).at(25);
    assert_eq!(world.pool("linux").oldest_waiting, Some(Duration::from_secs(25)));
    world.started(job(1));
    assert_eq!(world.pool("linux").oldest_waiting, Some(Duration::from_secs(15)));
    world.started(job(2));
    assert_eq!(world.pool("linux").oldest_waiting, None);
}

#[test]
fn late_news_of_an_earlier_phase_makes_no_job_younger() {
    let mut world = World::new();
    world.queued(job(1)).at(30).held(job(1)).at(40);
    assert_eq!(world.pool("linux").oldest_waiting, Some(Duration::from_secs(40)));
    world.started(job(1)).completed(job(1)).at(50).queued(job(2)).at(60).held(job(2));
    assert_eq!(world.reopen().pool("linux").oldest_waiting, Some(Duration::from_secs(10)));
}

/// The known waits, p50 and p95 of the last hour.
fn waits(world: &World) -> (u64, Option<u64>, Option<u64>) {
    let Waits { known, p50_secs, p95_secs } = world.pool("linux").waits[0];
    (known, p50_secs, p95_secs)
}

#[test]
fn percentiles_are_by_nearest_rank() {
    let mut world = World::new();
    for id in 1..=20 {
        world.at(0).queued(job(id));
    }
    assert_eq!(waits(&world), (0, None, None));
    for id in 1..=20_u32 {
        world.at(i64::from(id)).started(job(u64::from(id)));
    }
    assert_eq!(waits(&world), (20, Some(10), Some(19)));
}

#[test]
fn the_window_ends_at_the_newest_event_of_the_pool_by_event_time() {
    let mut world = World::new();
    world.queued(job(1)).at(5).started(job(1));
    world.at(3605).queued(job(2).on("mac"));
    assert_eq!(waits(&world), (1, Some(5), Some(5)), "news of another pool moves nothing");
    world.at(7200);
    assert_eq!(waits(&world).0, 1, "nor does silence");
    let mut late = world.at(3604).delivery(job(3), Phase::Queued);
    late.received_at = secs(9000);
    world.at(9000).commit(&[late]).unwrap();
    assert_eq!(waits(&world).0, 1, "the newest event happened at 3604");
    world.at(3605);
    let mut later = world.delivery(job(4), Phase::Queued);
    later.received_at = secs(9001);
    world.at(9001).commit(&[later]).unwrap();
    assert_eq!(waits(&world).0, 0, "an hour back from 3605 lies after the start at 5");
    assert_eq!(world.pool("linux").newest_at, Some(secs(3605)));
}

#[test]
fn the_fleets_percentiles_are_of_all_pools_together() {
    let mut world = World::new();
    for (id, label, wait) in [(1, "linux", 10), (2, "mac", 20), (3, "mac", 30)] {
        world.at(0).queued(job(id).on(label)).at(wait).started(job(id).on(label));
    }
    let fleet = world.reader().fleet_waits(&[Duration::from_hours(1)]).unwrap();
    assert_eq!((fleet[0].known, fleet[0].p50_secs, fleet[0].p95_secs), (3, Some(20), Some(30)));
}

fn pool(name: &str) -> Pool {
    Pool { name: name.into(), labels: Labels::new([name]), runner_group: None }
}

#[test]
fn configured_pools_are_there_before_their_first_job() {
    let pools = vec![pool("linux"), pool("mac")];
    let mut world = World::with(Settings { pools, ..Settings::default() });
    assert_eq!(world.totals("mac"), [0, 0, 0]);
    world.queued(job(1).on("windows"));
    let names = world.reader().pools(world.now, &[]).unwrap();
    let names: Vec<_> = names.iter().map(|pool| (pool.name.as_str(), pool.waiting)).collect();
    assert_eq!(names, [("linux", 0), ("mac", 0), ("unrouted", 1)]);
}

#[test]
fn a_job_stays_in_the_pool_where_it_was_first_seen() {
    let mut world = World::with(Settings { pools: vec![pool("linux")], ..Settings::default() });
    world.queued(job(1));
    world.settings.pools = vec![Pool { name: "big".into(), ..pool("linux") }];
    world.reopen().at(5).started(job(1));
    assert_eq!((world.totals("linux"), world.totals("big")), ([1, 1, 0], [0, 0, 0]));
    assert_eq!(world.pool("linux").running, 1);
}

#[test]
fn label_sets_beyond_the_limit_share_one_pool_also_after_a_restart() {
    let mut world = World::new();
    for n in 0..Router::LABEL_SETS_MAX + 2 {
        let mut intake = world.delivery(job(n as u64), Phase::Queued);
        let ingest::Content::Job(event) = &mut intake.delivery.content else { unreachable!() };
        event.labels = Labels::new([format!("label-{n}")]);
        world.commit(&[intake]).unwrap();
    }
    assert_eq!(world.pool(OTHER_POOL).waiting, 2);
    world.reopen().queued(job(1000).on("one-more")).queued(job(1001).on("label-7"));
    assert_eq!((world.pool(OTHER_POOL).waiting, world.pool("label-7").waiting), (3, 2));
}
