//! Jobs that wait for a person: no demand before the approval, no wait for it afterwards.

use std::time::Duration;

use model::catalogue as c;
use serde_json::json;

use crate::world::{Delivery, Job, NINE, Setup};

const POOL: &str = "linux,self-hosted";

/// Approved an hour after it was created, as GitHub stamps it; the runner came 5 s later.
fn approved() -> (Job, Delivery) {
    let job = Job::new(1).waits(3605);
    let queued = job.queued().edited(|payload| {
        payload["workflow_job"]["started_at"] = json!(NINE.plus(Duration::from_hours(1)));
    });
    (job, queued)
}

#[test]
fn a_job_held_for_approval_is_no_demand_and_its_clock_starts_after_it() {
    let server = Setup::new().start();
    let (job, queued) = approved();
    server.accepts(&[job.waiting()]);
    assert_eq!(server.pool(POOL).levels(), [0, 0]);
    server.accepts(&[queued]);
    assert_eq!(server.pool(POOL).levels(), [1, 0]);
    server.accepts(&[job.in_progress(), job.completed()]);
    let pool = server.pool(POOL);
    assert_eq!((pool.totals(), pool.wait_p50_secs), ([1, 1, 1], Some(5)));
}

#[test]
fn a_queued_that_says_waiting_is_no_demand_either() {
    let server = Setup::new().start();
    let (job, queued) = approved();
    let held = job.queued().again_as("held").edited(|payload| {
        payload["workflow_job"]["status"] = json!("waiting");
    });
    server.accepts(&[held]);
    assert_eq!(server.pool(POOL).levels(), [0, 0]);
    server.accepts(&[queued, job.in_progress()]);
    assert_eq!(server.pool(POOL).wait_p50_secs, Some(5));
}

#[test]
fn a_lost_queued_after_an_approval_makes_the_wait_unknown() {
    let server = Setup::new().start();
    let (job, _) = approved();
    server.accepts(&[job.waiting(), job.in_progress(), job.completed()]);
    let pool = server.pool(POOL);
    assert_eq!((pool.totals(), pool.wait_p50_secs), ([0, 1, 1], None));
    let metrics = server.metrics();
    assert_eq!(metrics.sum(c::WAITS_UNKNOWN.0, &[]), 1);
    assert_eq!(metrics.sum(c::JOB_WAIT.0, &[]), 0);
}

#[test]
fn a_rejected_job_is_over_without_having_been_queued() {
    let server = Setup::new().start();
    let job = Job::new(1).ends("failure", None);
    server.accepts(&[job.waiting(), job.completed()]);
    let pool = server.pool(POOL);
    assert_eq!((pool.levels(), pool.totals()), ([0, 0], [0, 0, 1]));
    assert_eq!(server.metrics().sum(c::WAITS_UNKNOWN.0, &[]), 0, "it never started");
}
