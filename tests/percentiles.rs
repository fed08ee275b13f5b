//! The waits that `/api/pools` shows, against the definition of a percentile.

use std::time::Duration;

use model::Timestamp;

use crate::world::{Chance, Job, NINE, Setup};

/// The window of `/api/pools`.
const DAY: Duration = Duration::from_hours(24);

/// The smallest value that at least `percent` of all do not exceed.
fn percentile(values: &[u64], percent: usize) -> Option<u64> {
    let is_enough = |candidate: u64| {
        let below = values.iter().filter(|value| **value <= candidate).count();
        below * 100 >= values.len() * percent
    };
    values.iter().copied().filter(|value| is_enough(*value)).min()
}

/// Jobs of three days in pools of very different sizes.
fn jobs(chance: &mut Chance) -> Vec<(&'static str, Job)> {
    let labels = ["a", "a", "a", "a", "b", "b", "c"];
    let mut secs = |below| i64::try_from(chance.below(below)).unwrap();
    let times: Vec<_> = (0..300).map(|_| (secs(3 * 86_400), secs(2000), secs(5000))).collect();
    let job = |(id, (at, wait, run)): (u64, (i64, i64, i64))| {
        let created_at = NINE.plus(Duration::from_secs(at.unsigned_abs()));
        let label = *chance.pick(&labels);
        (label, Job::new(id).labels(&[label]).created_at(created_at).waits(wait).runs(run))
    };
    (1..).zip(times).map(job).collect()
}

#[test]
fn percentiles_are_those_of_the_last_day_before_the_pools_newest_event() {
    let jobs = jobs(&mut Chance::new(0x5eed_0003));
    let server = Setup::new().start();
    let deliveries: Vec<_> = jobs.iter().flat_map(|(_, job)| job.life()).collect();
    server.accepts_many(&deliveries);
    for pool in server.pools() {
        let own = || jobs.iter().filter(|(label, _)| *label == pool.name).map(|(_, job)| job);
        let newest: Timestamp = own().map(Job::completed_at).max().unwrap();
        let in_window = |job: &&Job| job.started_at() > newest.minus(DAY);
        let waits: Vec<u64> = own().filter(in_window).map(Job::wait_secs).collect();
        assert!(waits.len() > 2 && waits.len() < own().count(), "{} of {}", waits.len(), pool.name);
        assert_eq!(pool.wait_p50_secs, percentile(&waits, 50), "p50 of {}", pool.name);
        assert_eq!(pool.wait_p95_secs, percentile(&waits, 95), "p95 of {}", pool.name);
        let count = own().count() as u64;
        assert_eq!((pool.levels(), pool.totals()), ([0, 0], [count; 3]));
    }
}

#[test]
fn the_window_slides_with_events_and_not_with_the_clock() {
    let server = Setup::new().start();
    let day_later = NINE.plus(DAY);
    let at = |id, secs| {
        Job::new(id)
            .labels(&["a"])
            .waits(0)
            .runs(0)
            .created_at(day_later.plus(Duration::from_secs(secs)))
    };
    server.accepts(&Job::new(1).labels(&["a"]).waits(100).runs(0).life());
    server.accepts(&[at(2, 99).in_progress()]);
    assert_eq!(server.pool("a").wait_p95_secs, Some(100), "a second before it slides out");
    server.accepts(&[at(3, 100).in_progress()]);
    assert_eq!(server.pool("a").wait_p95_secs, Some(0), "it started a day ago");
}
