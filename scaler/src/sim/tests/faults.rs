//! What goes wrong, and what the rules make of it.

use super::*;

const ALL: &str = "boot-jitter=0.25,boot-fails=0.02,lost=0.01,duplicated=0.01,reordered=0.01,\
                   cancelled=0.05,spot=0.02/h,throttled=0.05,capacity=0.01";

fn with(faults: &str) -> Setting {
    Setting { faults: faults.parse().unwrap(), seed: 3, ..Setting::default() }
}

#[test]
fn the_same_seed_gives_the_same_outcome_and_another_one_another() {
    let jobs = week();
    let setting = with(ALL);
    let first = outcome(&jobs, &setting, "headroom");
    assert_eq!(first, outcome(&jobs, &setting, "headroom"));
    assert_ne!(first, outcome(&jobs, &Setting { seed: 4, ..setting }, "headroom"));
}

#[test]
fn a_lost_webhook_delays_its_job_until_it_is_reconciled() {
    let jobs = jobs_at(&[0], 60);
    let found = outcome(&jobs, &with("lost=0.99"), "headroom");
    assert_eq!(found.waits.mean_secs(), 420.0);
}

#[test]
fn a_boot_that_never_registers_is_replaced_by_a_rule_with_a_deadline() {
    let jobs = week();
    let headroom = outcome(&jobs, &with("boot-fails=0.02"), "headroom");
    let per_webhook = outcome(&jobs, &with("boot-fails=0.02"), "per-webhook");
    assert_eq!((headroom.given_up, headroom.jobs), (0, 1931));
    assert!(headroom.unused_launches > 10, "{}", headroom.unused_launches);
    // Its deadline of five minutes, a tick, and another boot.
    let (healed, not) =
        (headroom.waits.percentile_secs(100), per_webhook.waits.percentile_secs(100));
    assert!(not > 2.0 * healed, "{healed} and {not}");
}

#[test]
fn a_repeated_webhook_launches_again_only_where_it_is_counted() {
    let jobs = week();
    let setting = with("duplicated=0.2");
    assert_eq!(outcome(&jobs, &setting, "headroom").unused_launches, 0);
    assert!(outcome(&jobs, &setting, "per-webhook").unused_launches > 10);
}

#[test]
fn a_refused_write_is_made_at_the_next_tick() {
    let setting = with("throttled=0.5");
    let found = outcome(&week(), &setting, "headroom");
    assert_eq!((found.jobs, found.given_up), (1931, 0));
    assert!(found.waits.percentile_secs(50) < 140.0, "{}", found.waits.percentile_secs(50));
}

#[test]
fn an_order_without_capacity_is_made_again_by_a_rule_that_looks_again() {
    let jobs = week();
    let setting = with("capacity=0.05");
    assert_eq!(outcome(&jobs, &setting, "headroom").given_up, 0);
    let per_webhook = outcome(&jobs, &setting, "per-webhook");
    assert!(per_webhook.given_up > 0, "{per_webhook:?}");
}

#[test]
fn an_interrupted_job_runs_again() {
    let found = outcome(&week(), &with("spot=0.5/h"), "headroom");
    assert!(found.interrupted > 10, "{}", found.interrupted);
    assert_eq!(found.jobs, 1931 + found.interrupted);
}

#[test]
fn a_cancelled_job_costs_an_instance_for_a_while_and_no_more() {
    let jobs = week();
    let found = outcome(&jobs, &with("cancelled=0.3"), "headroom");
    assert!(found.cancelled > 100, "{}", found.cancelled);
    assert_eq!(found.jobs + found.cancelled, 1931);
    assert!(found.launches() <= 1931);
}

#[test]
fn jitter_spreads_waits_around_the_usual_one() {
    let found = outcome(&week(), &with("boot-jitter=0.25"), "per-webhook");
    let (median, late) = (found.waits.percentile_secs(50), found.waits.percentile_secs(95));
    assert!((110.0..125.0).contains(&median), "{median}");
    assert!((150.0..200.0).contains(&late), "{late}");
}

#[test]
fn the_same_jobs_meet_the_same_fate_whoever_scales() {
    let jobs = week();
    // Nobody gets a runner before it is cancelled; the other faults draw chances of their own.
    let setting = with("cancelled=0.1,boot-fails=0.2,throttled=0.2,capacity=0.1");
    let never = Setting { cold_start: Duration::from_hours(48), ..setting };
    let cancelled = outcome(&jobs, &never, "static:0").cancelled;
    assert!((150..240).contains(&cancelled), "{cancelled}");
    for name in ["headroom", "per-webhook", "assigned-plus-min:0"] {
        assert_eq!(outcome(&jobs, &never, name).cancelled, cancelled, "{name}");
    }
}
