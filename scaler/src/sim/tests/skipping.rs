//! Leaving out ticks changes no decision.

use super::*;
use crate::{Plan, Removal, Snapshot};

/// Of a decision that changed something: when, and what.
type Change = (Timestamp, u32, Option<u32>, Vec<Removal>);

fn changes(jobs: &[Job], setting: &Setting, name: &str) -> (Vec<Change>, Outcome) {
    let mut changes = Vec::new();
    let observe = |seen: &Snapshot, plan: &Plan| {
        let warm = plan.warm.filter(|size| *size != seen.fleet.warm.size);
        let changes_desired = plan.desired != seen.fleet.desired;
        if changes_desired || warm.is_some() || !plan.remove.is_empty() {
            changes.push((seen.now, plan.desired, warm, plan.remove.clone()));
        }
    };
    let outcome = run(jobs.iter().copied(), setting, &contender(name), observe);
    (changes, outcome)
}

#[track_caller]
fn check(jobs: &[Job], setting: &Setting, name: &str) {
    let (skipping, skipped) = changes(jobs, setting, name);
    let slow = Setting { every_tick: true, ..setting.clone() };
    let (each, all) = changes(jobs, &slow, name);
    let first_other = skipping.iter().zip(&each).find(|(a, b)| a != b);
    assert_eq!(first_other, None, "{name}");
    assert_eq!(skipping.len(), each.len(), "{name}");
    assert!(all.decisions > skipped.decisions, "{name} left nothing out");
    assert_eq!(Outcome { decisions: 0, ..all }, Outcome { decisions: 0, ..skipped }, "{name}");
}

#[test]
fn leaving_out_ticks_changes_no_decision() {
    let jobs = week();
    let setting = Setting { learn: Duration::from_hours(24), ..Setting::default() };
    for name in [
        "headroom",
        "per-webhook",
        "stopped-pool:5",
        "queued-plus-running",
        "assigned-plus-min:2",
        "percentage-busy",
        "load-proportional",
        "target-tracking:0.5",
        "office-hours:5",
        "naive-minute",
    ] {
        check(&jobs, &setting, name);
    }
}

#[test]
fn leaving_out_ticks_changes_no_decision_when_things_go_wrong() {
    let jobs = week();
    let faults = "boot-jitter=0.25,boot-fails=0.02,lost=0.01,duplicated=0.01,reordered=0.01,\
                  cancelled=0.05,spot=0.02/h,throttled=0.05,capacity=0.01";
    let setting = Setting { faults: faults.parse().unwrap(), seed: 7, ..Setting::default() };
    for name in ["headroom", "per-webhook", "assigned-plus-min:2"] {
        check(&jobs, &setting, name);
    }
}
