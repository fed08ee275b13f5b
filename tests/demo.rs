//! `headroom demo --once`: a recorded week through the real doors, and its figures.

use serde_json::{Value, json};

use crate::world::{Pool, headroom};

#[test]
fn the_recorded_week_has_the_same_figures_every_time() {
    let arguments = ["demo", "--once", "--speed=max", "--format=json", "--listen=127.0.0.1:0"];
    let ended = headroom(&arguments, b"");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let summary: Value = serde_json::from_str(&ended.stdout).unwrap();
    let figure = |key: &str| summary[key].as_u64();
    assert_eq!(summary["runners"], "recorded");
    assert_eq!(figure("deliveries"), Some(5793));
    assert_eq!(figure("jobs"), Some(1931));
    assert_eq!(figure("wait_p50_secs"), Some(23));
    assert_eq!(figure("wait_p95_secs"), Some(609));
    let mut keys: Vec<&String> = summary.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(
        json!(keys),
        json!(["deliveries", "jobs", "pools", "runners", "wait_p50_secs", "wait_p95_secs"])
    );
    let pools: Vec<Pool> = serde_json::from_value(summary["pools"].clone()).unwrap();
    assert_eq!(pools.len(), 1);
    assert_eq!((pools[0].levels(), pools[0].totals()), ([0, 0], [1931; 3]));
    assert!(ended.stderr.contains("http://127.0.0.1:"), "{}", ended.stderr);
    assert!(!ended.stderr.contains('\u{1b}'), "no progress bar where nobody looks");
}

#[test]
fn on_simulated_runners_the_waits_fall_to_a_warm_start_late_in_the_week() {
    let arguments = [
        "demo",
        "--once",
        "--speed=max",
        "--runners=simulated",
        "--format=json",
        "--listen=127.0.0.1:0",
    ];
    let ended = headroom(&arguments, b"");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let summary: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((&summary["runners"], &summary["jobs"]), (&json!("simulated"), &json!(1931)));
    let week = summary["wait_p50_secs"].as_u64().unwrap();
    assert!((60..=140).contains(&week), "half of the week each job waited for a boot: {week} s");
    let last_day = summary["pools"][0]["wait_p95_secs"].as_u64().unwrap();
    assert!(last_day <= 30, "a warm start takes 25 s: {last_day} s");
}
