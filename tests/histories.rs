//! Deliveries repeat, reorder and vanish; the pools tell one honest history all the same.

use model::catalogue as c;
use serde_json::json;

use crate::world::{Chance, Job, Setup, fixture};

const POOL: &str = "linux,self-hosted";

#[test]
fn a_job_is_waiting_then_running_then_over() {
    let server = Setup::new().start();
    let job = Job::new(1).waits(23).runs(100);
    let mut seen = Vec::new();
    for delivery in job.life() {
        server.accepts(&[delivery]);
        let pool = server.pool(POOL);
        seen.push((pool.levels(), pool.totals(), pool.wait_p50_secs));
    }
    assert_eq!(
        seen,
        [([1, 0], [1, 0, 0], None), ([0, 1], [1, 1, 0], Some(23)), ([0, 0], [1, 1, 1], Some(23)),]
    );
}

#[test]
fn an_age_counts_from_the_receipt_and_not_from_a_clock_elsewhere() {
    let server = Setup::new().start();
    // By GitHub's stamps this job has waited for months.
    server.accepts(&[Job::new(1).queued()]);
    let age = server.pool(POOL).oldest_waiting_secs.unwrap();
    assert!(age < 60, "{age} s");
    server.accepts(&[Job::new(1).in_progress()]);
    assert_eq!(server.pool(POOL).oldest_waiting_secs, None);
}

#[test]
fn a_lost_queued_hides_neither_the_job_nor_its_wait() {
    let server = Setup::new().start();
    let job = Job::new(1).waits(90);
    server.accepts(&[job.in_progress()]);
    let pool = server.pool(POOL);
    assert_eq!((pool.levels(), pool.totals()), ([0, 1], [0, 1, 0]));
    assert_eq!(pool.wait_p50_secs, Some(90));
    server.accepts(&[job.completed()]);
    assert_eq!(server.pool(POOL).totals(), [0, 1, 1]);
}

#[test]
fn of_a_job_only_its_end_may_be_heard() {
    let server = Setup::new().start();
    server.accepts(&[Job::new(1).waits(5).completed()]);
    let pool = server.pool(POOL);
    assert_eq!((pool.levels(), pool.totals()), ([0, 0], [0, 1, 1]));
    assert_eq!(pool.wait_p95_secs, Some(5));
}

#[test]
fn a_late_start_does_not_reopen_a_finished_job() {
    let server = Setup::new().start();
    let job = Job::new(1).waits(42);
    server.accepts(&[job.completed(), job.in_progress(), job.queued()]);
    let pool = server.pool(POOL);
    assert_eq!((pool.levels(), pool.totals()), ([0, 0], [1, 1, 1]));
    assert_eq!(pool.wait_p50_secs, Some(42));
    assert_eq!(server.metrics().sum(c::DELIVERIES_OUT_OF_ORDER.0, &[]), 2);
}

#[test]
fn any_order_of_deliveries_gives_the_same_pools() {
    let mut chance = Chance::new(0x5eed_0002);
    let jobs: Vec<Job> = (1..=12).map(|id| Job::new(id).waits((id * 7).cast_signed())).collect();
    let mut deliveries: Vec<_> = jobs.iter().flat_map(Job::life).collect();
    let mut told = Vec::new();
    for _ in 0..3 {
        let server = Setup::new().start();
        server.accepts(&deliveries);
        told.push(server.pools());
        chance.shuffle(&mut deliveries);
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0], told[2]);
}

#[test]
fn a_repetition_changes_nothing_but_its_own_counter() {
    let server = Setup::new().start();
    let job = Job::new(1);
    server.accepts(&job.life());
    let (pools, before) = (server.pools(), server.metrics());
    let mut duplicates = 0;
    for (n, delivery) in job.life().into_iter().enumerate() {
        // A redelivery keeps its id; a second hook sends the same under an id of its own.
        for again in [delivery.clone(), delivery.again_as(&format!("another-{n}"))] {
            assert_eq!(server.deliver(&again).outcome(), "202 duplicate");
            duplicates += 1;
        }
    }
    assert_eq!(server.pools(), pools);
    let after = server.metrics();
    for spec in c::ALL.iter().filter(|spec| **spec != c::DELIVERIES_DUPLICATE.0) {
        assert_eq!(after.sum(spec, &[]), before.sum(spec, &[]), "{}", spec.name);
    }
    assert_eq!(after.sum(c::DELIVERIES_DUPLICATE.0, &[]), duplicates);
}

#[test]
fn a_run_that_is_delivered_twice_is_counted_once() {
    let server = Setup::new().start();
    let run = fixture("workflow_run.completed.2");
    assert_eq!(server.deliver(&run).outcome(), "202 accepted");
    assert_eq!(server.deliver(&run).outcome(), "202 duplicate");
    assert_eq!(server.metrics().sum(c::RUN_EVENTS.0, &[("status", "completed")]), 1);
}

#[test]
fn a_rerun_is_a_job_of_its_own() {
    let server = Setup::new().start();
    let first = Job::new(1).ends("failure", Some("runner-1"));
    let again = Job::new(1).attempt(2);
    server.accepts(&first.life());
    server.accepts(&[again.queued()]);
    let pool = server.pool(POOL);
    assert_eq!((pool.levels(), pool.totals()), ([1, 0], [2, 1, 1]));
    server.accepts(&[again.in_progress(), again.completed()]);
    assert_eq!(server.pool(POOL).totals(), [2, 2, 2]);
}

#[test]
fn a_skipped_job_is_over_without_having_waited() {
    let server = Setup::new().start();
    // GitHub skips it at once and stamps its end before its beginning.
    server.accepts(&[Job::new(1).waits(3).runs(-4).ends("skipped", None).completed()]);
    let pool = server.pool(POOL);
    assert_eq!((pool.levels(), pool.totals()), ([0, 0], [0, 0, 1]));
    assert_eq!(pool.wait_p50_secs, None);
    let metrics = server.metrics();
    assert_eq!(metrics.sum(c::JOB_CONCLUSIONS.0, &[("conclusion", "skipped")]), 1);
    for none in [c::JOB_WAIT.0, c::JOB_DURATION.0, c::INTERVALS_CLAMPED.0, c::WAITS_UNKNOWN.0] {
        assert_eq!(metrics.sum(none, &[]), 0, "{}", none.name);
    }
}

#[test]
fn a_job_cancelled_in_the_queue_neither_started_nor_waits_on() {
    let server = Setup::new().start();
    let job = Job::new(1).ends("cancelled", None);
    // Null, 0 and an empty text all mean that there is no runner.
    let without = job.completed().edited(|payload| {
        payload["workflow_job"]["runner_id"] = json!(0);
        payload["workflow_job"]["runner_name"] = json!("");
    });
    server.accepts(&[job.queued(), without]);
    let pool = server.pool(POOL);
    assert_eq!((pool.levels(), pool.totals()), ([0, 0], [1, 0, 1]));
    assert_eq!((pool.oldest_waiting_secs, pool.wait_p50_secs), (None, None));
}

#[test]
fn a_job_cancelled_while_it_ran_had_a_runner() {
    let server = Setup::new().start();
    server.accepts(&Job::new(1).waits(8).ends("cancelled", Some("runner-9")).life());
    let pool = server.pool(POOL);
    assert_eq!((pool.totals(), pool.wait_p50_secs), ([1, 1, 1], Some(8)));
    assert_eq!(server.metrics().sum(c::JOB_DURATION.0, &[]), 1);
}

#[test]
fn reversed_timestamps_count_as_zero_and_are_counted() {
    let server = Setup::new().start();
    server.accepts(&Job::new(1).waits(-30).runs(-5).life());
    let (pool, metrics) = (server.pool(POOL), server.metrics());
    assert_eq!(pool.wait_p95_secs, Some(0), "no wait is negative");
    for interval in ["wait", "duration"] {
        let clamped = metrics.sum(c::INTERVALS_CLAMPED.0, &[("interval", interval)]);
        assert_eq!(clamped, 1, "{interval}");
    }
    assert_eq!(metrics.sum_of("headroom_job_wait_seconds_sum", &[]), 0);
}

#[test]
fn a_job_from_the_future_has_no_negative_lag() {
    let server = Setup::new().start();
    let year_3000 = model::Timestamp::from_secs(32_503_680_000);
    server.accepts(&[Job::new(1).created_at(year_3000).queued()]);
    let clamped = server.metrics().sum(c::INTERVALS_CLAMPED.0, &[("interval", "lag")]);
    assert_eq!(clamped, 1);
}

#[test]
fn a_wait_without_a_created_at_is_unknown_and_counted() {
    let server = Setup::new().start();
    let missing = |payload: &mut serde_json::Value| {
        payload["workflow_job"].as_object_mut().unwrap().remove("created_at");
    };
    server.accepts(&Job::new(1).life().map(|delivery| delivery.edited(missing)));
    let pool = server.pool(POOL);
    assert_eq!((pool.totals(), pool.wait_p50_secs), ([1, 1, 1], None));
    assert_eq!(server.metrics().sum(c::WAITS_UNKNOWN.0, &[]), 1);
}

#[test]
fn what_github_adds_later_fails_no_event() {
    let server = Setup::new().start();
    let [queued, started, completed] = Job::new(1).life();
    let action =
        queued.again_as("new-action").edited(|payload| payload["action"] = json!("paused"));
    assert_eq!(server.deliver(&action).outcome(), "200 ignored");
    let word = completed.edited(|payload| {
        payload["workflow_job"]["conclusion"] = json!("exploded");
        payload["workflow_job"]["status"] = json!("gone");
        payload["workflow_job"]["warp_factor"] = json!({"is": [9]});
        payload["a new member"] = json!(null);
    });
    server.accepts(&[queued, started, word]);
    let run = fixture("workflow_run.requested.1").edited(|payload| payload["action"] = json!("x"));
    server.accepts(&[run]);
    let metrics = server.metrics();
    assert_eq!(metrics.sum(c::JOB_CONCLUSIONS.0, &[("conclusion", "other")]), 1);
    assert_eq!(metrics.sum(c::RUN_EVENTS.0, &[("status", "other")]), 1);
    assert_eq!(metrics.sum(c::DELIVERIES_IGNORED.0, &[]), 1);
    assert_eq!(server.pool(POOL).totals(), [1, 1, 1]);
}

#[test]
fn ids_beyond_32_bits_stay_apart() {
    let server = Setup::new().start();
    let far = u64::from(u32::MAX) + 2;
    server.accepts(&[Job::new(1).queued(), Job::new(far).queued()]);
    assert_eq!(server.pool(POOL).totals(), [2, 0, 0]);
}
