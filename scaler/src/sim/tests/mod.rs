//! Claims about the simulated world, and what they share.

mod faults;
mod properties;
mod skipping;
mod theory;
mod week;

use std::time::Duration;

use model::Timestamp;

use super::{Blocks, Contender, Job, Outcome, Setting, run, run_in_blocks};

/// A real week of a public repository; its source and licence stand beside it.
const WEEK: &str = include_str!("../../../../src/demo/week.csv");

/// The jobs of that week, in the order in which they were queued.
fn week() -> Vec<Job> {
    let mut jobs: Vec<Job> = WEEK.lines().skip(1).map(job_of).collect();
    jobs.sort_by_key(|job| job.queued_at);
    jobs
}

fn job_of(line: &str) -> Job {
    let mut millis = line.split(',').skip(2).map(|field| field.parse().unwrap());
    Job {
        queued_at: Timestamp::from_millis(millis.next().unwrap()),
        duration: Duration::from_millis(millis.next().unwrap().try_into().unwrap()),
    }
}

/// Jobs at these seconds, each of this length.
fn jobs_at(queued_at_secs: &[i64], duration_secs: u64) -> Vec<Job> {
    let duration = Duration::from_secs(duration_secs);
    let job = |secs: &i64| Job { queued_at: Timestamp::from_secs(*secs), duration };
    queued_at_secs.iter().map(job).collect()
}

fn contender(name: &str) -> Contender {
    name.parse().unwrap()
}

fn outcome(jobs: &[Job], setting: &Setting, name: &str) -> Outcome {
    run(jobs.iter().copied(), setting, &contender(name), |_, _| ())
}

#[test]
fn nothing_comes_of_no_jobs() {
    for name in ["headroom", "per-webhook", "idle-pool:3", "static:3", "oracle", "warm-oracle"] {
        let outcome = outcome(&[], &Setting::default(), name);
        assert_eq!((outcome.jobs, outcome.launches()), (0, 0), "{name}");
    }
}

#[test]
fn a_job_waits_for_webhook_and_boot_and_pays_for_boot_and_duration() {
    let outcome = outcome(&jobs_at(&[1000], 60), &Setting::default(), "per-webhook");
    assert_eq!(outcome.waits.mean_secs(), 123.0);
    assert_eq!(outcome.bill.secs(), 180.0);
    assert_eq!(outcome.bill_over_oracle(), 1.0);
    assert_eq!((outcome.cold_launches, outcome.warm_starts, outcome.peak), (1, 0, 1));
}

#[test]
fn a_stopped_instance_starts_at_once_and_another_is_prepared() {
    // The first decision prepares one; it is ready after 150 s, and the job comes at 1,200.
    let outcome = outcome(&jobs_at(&[1000, 1200], 60), &Setting::default(), "stopped-pool:1");
    assert_eq!(outcome.waits.percentile_secs(0), 28.0);
    assert_eq!(outcome.waits.percentile_secs(100), 123.0);
    assert_eq!((outcome.cold_launches, outcome.warm_starts, outcome.preparations), (1, 1, 2));
    // Boot and job, start and job; held from 1,150 to 1,203; and two preparations, the second cut
    // at 1,288, when the last job is over.
    assert_eq!(outcome.bill.running_secs, 180.0 + 85.0);
    assert_eq!(outcome.bill.stopped_secs, 53.0 * 0.025);
    assert_eq!(outcome.bill.preparing_secs, 120.0 + 85.0);
}

#[test]
fn a_dropped_preparation_is_billed_as_far_as_it_went() {
    let mut group = super::group::Group::default();
    let mut seen = crate::Fleet {
        as_of: Timestamp::EPOCH,
        desired: 0,
        members: Vec::new(),
        crowds: Vec::new(),
        warm: crate::Warm { size: 2, ..crate::Warm::default() },
        spot: None,
        registering: 0,
    };
    let mut tally = super::tally::Tally::new(&Setting::default(), Blocks::ONE, Timestamp::EPOCH);
    let first = group.prepare(&mut seen, Timestamp::from_secs(0)).unwrap();
    assert!(group.prepared(first, &mut seen, Timestamp::from_secs(150), &mut tally));
    assert!(group.prepare(&mut seen, Timestamp::from_secs(150)).is_some());
    seen.warm.size = 1;
    group.drop_surplus(&mut seen, Timestamp::from_secs(180), &mut tally);
    // The one that was still being prepared went, after 30 s.
    assert_eq!((seen.warm.stopped, seen.warm.preparing), (1, 0));
    assert_eq!(tally.finish()[0].bill.preparing_secs, 120.0 + 30.0);
}

#[test]
fn days_that_teach_are_not_measured() {
    let setting = Setting { learn: Duration::from_secs(500), ..Setting::default() };
    let jobs = jobs_at(&[0, 490, 500, 900], 60);
    for name in ["per-webhook", "oracle"] {
        let outcome = outcome(&jobs, &setting, name);
        assert_eq!((outcome.jobs, outcome.launches()), (2, 2), "{name}");
        assert_eq!(outcome.bill.secs(), 360.0, "{name}");
        assert_eq!(outcome.bill_over_oracle(), 1.0, "{name}");
    }
}

#[test]
fn a_job_that_nobody_serves_is_given_up_after_a_day() {
    let outcome = outcome(&jobs_at(&[0], 60), &Setting::default(), "static:0");
    assert_eq!((outcome.jobs, outcome.given_up), (0, 1));
}

#[test]
fn pools_add_up() {
    let jobs = week();
    let whole = outcome(&jobs, &Setting::default(), "stopped-pool:5");
    let mut both = whole.clone();
    both.merge(&whole);
    assert_eq!((both.jobs, both.peak), (2 * whole.jobs, 2 * whole.peak));
    assert_eq!(both.waits.percentile_secs(95), whole.waits.percentile_secs(95));
    assert_eq!(both.waits.mean_secs(), whole.waits.mean_secs());
    assert!((both.bill_over_oracle() - whole.bill_over_oracle()).abs() < 1e-9);
}

#[test]
fn a_job_costs_what_is_paid_beyond_the_oracle_and_what_it_waits() {
    let outcome = outcome(&jobs_at(&[1000, 1200], 60), &Setting::default(), "stopped-pool:1");
    let beyond = (outcome.bill.secs() - 360.0) / 2.0;
    assert_eq!(outcome.cost_per_job(0.0), beyond);
    assert_eq!(outcome.cost_per_job(2.0), beyond + 2.0 * (123.0 + 28.0) / 2.0);
}
