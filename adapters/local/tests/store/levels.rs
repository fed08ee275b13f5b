//! Levels by the minute: bursts, quiet minutes, clocks that step.

use std::time::Duration;

use crate::world::{ORIGIN, World, job, secs};
use model::Dimension::Pool;
use model::Level;
use model::catalogue::{JOB_EVENTS, JOBS_RUNNING, JOBS_WAITING, OLDEST_WAITING_AGE, RUNNERS_IDLE};

#[test]
fn a_burst_within_a_minute_shows_in_the_maximum() {
    let mut world = World::new();
    world.at(10).queued(job(1)).queued(job(2)).queued(job(3));
    world.at(40).started(job(1)).started(job(2)).started(job(3));
    world.at(60).tick();
    assert_eq!(world.minutes(&JOBS_WAITING.max().of(Pool, "linux"))[0], (0, 3.0));
    assert_eq!(world.minutes(&JOBS_WAITING.average().of(Pool, "linux"))[0], (0, 0.0));
    assert_eq!(world.minutes(&JOBS_RUNNING.max().of(Pool, "linux")), [(0, 3.0), (1, 3.0)]);
}

#[test]
fn a_burst_outlives_a_restart_within_its_minute() {
    let mut world = World::new();
    world.at(10).queued(job(1)).queued(job(2)).started(job(1)).started(job(2)).reopen();
    world.at(50).queued(job(3)).at(60).tick();
    assert_eq!(world.minutes(&JOBS_WAITING.max())[0], (0, 2.0));
    assert_eq!(world.minutes(&JOBS_WAITING.max().of(Pool, "linux"))[0], (0, 2.0));
}

#[test]
fn the_fleets_maximum_is_not_the_sum_of_maxima_at_different_times() {
    let mut world = World::new();
    world.at(1).queued(job(1)).queued(job(2)).started(job(1)).started(job(2));
    let mac = |id| job(id).on("mac");
    world.at(30).queued(mac(3)).queued(mac(4)).started(mac(3)).started(mac(4));
    world.at(60).tick();
    assert_eq!(world.minutes(&JOBS_WAITING.max())[0], (0, 2.0));
    assert_eq!(world.minutes(&JOBS_RUNNING.max())[0], (0, 4.0));
}

#[test]
fn the_oldest_of_the_fleet_is_one_jobs_age_at_the_end_of_the_minute() {
    let mut world = World::new();
    world.at(0).queued(job(1)).at(30).queued(job(2).on("mac")).at(60).tick();
    assert_eq!(world.minutes(&OLDEST_WAITING_AGE.max())[0], (0, 60.0));
    assert_eq!(world.minutes(&OLDEST_WAITING_AGE.max().of(Pool, "mac"))[0], (0, 30.0));
    world.at(70).started(job(1)).at(120).tick();
    assert_eq!(world.minutes(&OLDEST_WAITING_AGE.max())[1], (1, 90.0));
    assert_eq!(world.minutes(&OLDEST_WAITING_AGE.max().of(Pool, "linux"))[1], (1, 0.0));
}

#[test]
fn held_jobs_are_no_demand_until_they_are_queued() {
    let mut world = World::new();
    world.held(job(1)).at(60).queued(job(1)).at(120).tick();
    assert_eq!(world.minutes(&JOBS_WAITING.max()), [(0, 0.0), (1, 1.0), (2, 1.0)]);
}

#[test]
fn quiet_minutes_have_the_levels_of_the_minute_before() {
    let mut world = World::new();
    world.queued(job(1)).at(3 * 60 + 5).started(job(1));
    let waiting = JOBS_WAITING.max().of(Pool, "linux");
    assert_eq!(world.minutes(&waiting), [(0, 1.0), (1, 1.0), (2, 1.0), (3, 1.0)]);
    let oldest: Vec<f64> =
        world.minutes(&OLDEST_WAITING_AGE.max()).into_iter().map(|(_, age)| age).collect();
    assert_eq!(oldest, [60.0, 120.0, 180.0, 0.0]);
}

#[test]
fn a_minute_without_jobs_is_zero_and_not_silence() {
    let mut world = World::new();
    world.queued(job(1)).started(job(1)).completed(job(1)).at(60).tick().at(120).tick();
    world.queued(job(2).on("mac"));
    let linux = JOBS_RUNNING.average().of(Pool, "linux");
    assert_eq!(world.minutes(&linux), [(0, 0.0), (1, 0.0), (2, 0.0)]);
    assert_eq!(world.minutes(&JOBS_RUNNING.max())[1], (1, 0.0));
    assert_eq!(world.minutes(&JOBS_RUNNING.max().of(Pool, "nobody")), []);
}

#[test]
fn the_gap_of_a_restart_is_not_filled() {
    let mut world = World::new();
    world.queued(job(1)).reopen().at(5 * 60).tick().at(6 * 60).tick();
    for query in [JOBS_WAITING.max(), JOBS_WAITING.max().of(Pool, "linux")] {
        assert_eq!(world.minutes(&query), [(0, 1.0), (5, 1.0), (6, 1.0)]);
    }
}

#[test]
fn a_gap_beyond_a_day_is_filled_for_its_last_day_only() {
    let mut world = World::new();
    let days = 3 * 24 * 60;
    world.queued(job(1)).started(job(1)).at(days * 60).tick();
    let running = world.minutes(&JOBS_RUNNING.max());
    assert_eq!(running.len(), 1 + 24 * 60 + 1);
    assert_eq!(running[1].0, days - 24 * 60);
}

#[test]
fn a_clock_that_steps_back_loses_nothing_and_reopens_no_closed_minute() {
    let mut world = World::new();
    world.at(0).queued(job(1)).at(130).queued(job(2));
    let closed = world.minutes(&JOB_EVENTS.sum());
    world.at(10).queued(job(3)).tick().reopen().at(20).started(job(1)).at(30).tick();
    assert_eq!(world.minutes(&JOB_EVENTS.sum()), [closed[0], (2, 3.0)]);
    assert_eq!(world.totals("linux"), [3, 1, 0]);
    world.at(180).tick();
    assert_eq!(world.minutes(&JOBS_WAITING.max()), [(0, 1.0), (1, 1.0), (2, 3.0), (3, 2.0)]);
}

/// Sum, average and maximum of each period of a level of all pools together.
fn totals(world: &World, level: Level, period: Duration, until: i64) -> Vec<(i64, u64, u64)> {
    let told = world.reader().total(level, period, secs(0), secs(until)).unwrap();
    told.into_iter().map(|(at, a)| ((at.as_secs() - ORIGIN) / 60, a.sum, a.max)).collect()
}

#[test]
fn the_total_of_all_pools_is_the_fleets_level_at_the_end_of_each_minute() {
    let mut world = World::new();
    let mac = |id| job(id).on("mac");
    world.at(1).queued(job(1)).queued(job(2)).queued(mac(3)).at(60).tick();
    world.at(70).started(job(1)).started(mac(3)).at(3 * 60).tick().at(200).completed(mac(3));
    world.at(5 * 60).tick();
    for level in [JOBS_WAITING, JOBS_RUNNING] {
        let total = totals(&world, level, Duration::from_mins(1), 600);
        let last: Vec<(i64, String)> =
            total.iter().map(|(minute, sum, _)| (*minute, sum.to_string())).collect();
        let fleet = world.minutes(&level.average()).into_iter();
        let fleet: Vec<(i64, String)> = fleet.map(|(m, level)| (m, level.to_string())).collect();
        assert_eq!(last, fleet, "{}", level.0.name);
    }
    let by_three = totals(&world, JOBS_RUNNING, Duration::from_mins(3), 600);
    assert_eq!(by_three, [(0, 4, 2), (3, 3, 1)], "0, 2, 2 and then 1, 1, 1");
}

#[test]
fn the_total_has_no_minute_in_which_nobody_counted() {
    let mut world = World::new();
    world.queued(job(1)).queued(job(2).on("mac")).reopen().at(5 * 60).tick().at(6 * 60).tick();
    let minutes: Vec<i64> =
        totals(&world, JOBS_WAITING, Duration::from_mins(1), 600).iter().map(|it| it.0).collect();
    assert_eq!(minutes, [0, 5, 6]);
    // Of runners nothing is known where no scaler looked.
    assert_eq!(totals(&world, RUNNERS_IDLE, Duration::from_mins(1), 600), []);
}
