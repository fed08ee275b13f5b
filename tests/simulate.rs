//! `headroom simulate`: recorded jobs, other policies, and decisions that explain themselves.

use serde_json::Value;

use crate::world::{Ended, Setup, headroom, headroom_in, repository};

/// A real week of 1,931 jobs.
fn week() -> String {
    repository().join("src/demo/week.csv").to_string_lossy().into_owned()
}

#[track_caller]
fn simulate(arguments: &[&str]) -> Ended {
    let week = week();
    headroom(&[&["simulate", "--trace", &week], arguments].concat(), b"")
}

#[track_caller]
fn rows(arguments: &[&str]) -> Vec<Value> {
    let ended = simulate(&[&["--format", "json"], arguments].concat());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    serde_json::from_str(&ended.stdout).unwrap()
}

#[test]
fn each_policy_has_its_figures_and_the_best_stands_first() {
    let rows =
        rows(&["--learn", "3", "--policy", "per-webhook,stopped-pool:30,warm-oracle,oracle"]);
    let names: Vec<&str> = rows.iter().map(|row| row["policy"].as_str().unwrap()).collect();
    assert_eq!(names, ["oracle", "warm-oracle", "stopped-pool:30", "per-webhook"]);
    let [oracle, warm, stopped, webhook] = &rows[..] else { panic!("{rows:?}") };
    for row in &rows {
        assert_eq!(row["jobs"], oracle["jobs"]);
        assert_eq!(row["slo_secs"], 30.0);
        assert_eq!(row["launches_per_job"], 1.0);
    }
    assert_eq!((&oracle["wait_p99_secs"], &oracle["bill_over_oracle"]), (&0.0.into(), &1.0.into()));
    assert_eq!(warm["wait_p50_secs"], 25.0);
    assert_eq!(stopped["wait_p50_secs"], 28.0);
    // Each job gets its own cold boot, decided three seconds after it was queued.
    assert_eq!(
        (&webhook["wait_p50_secs"], &webhook["wait_p99_secs"]),
        (&123.0.into(), &123.0.into())
    );
    assert_eq!((&webhook["within_slo"], &webhook["bill_over_oracle"]), (&0.0.into(), &1.0.into()));
}

#[test]
fn our_policy_serves_nearly_all_jobs_of_a_real_week_from_a_stock_that_sized_itself() {
    let row = &rows(&["--learn", "3", "--policy", "headroom"])[0];
    assert!(row["wait_p50_secs"].as_f64() <= Some(30.0), "{row}");
    assert!(row["within_slo"].as_f64() >= Some(0.9), "three days teach little: {row}");
    assert!(row["launches_per_job"].as_f64() <= Some(1.02), "{row}");
    assert!(row["bill_over_oracle"].as_f64() <= Some(1.25), "{row}");
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_faults_are_felt() {
    let faults = "boot-jitter=0.3,boot-fails=0.05,lost=0.02,duplicated=0.05,spot=0.05/h";
    let with = |seed: &str| {
        let ended = simulate(&[
            "--learn=1",
            "--policy=headroom,per-webhook",
            "--faults",
            faults,
            "--seed",
            seed,
            "--format=csv",
        ]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        ended.stdout
    };
    assert_eq!(with("7"), with("7"));
    assert_ne!(with("7"), with("8"));
    assert!(with("7").starts_with("policy,jobs,slo_secs,wait_mean_secs,wait_p50_secs,"));
}

#[test]
fn a_decision_tells_its_inputs_and_reasons_and_can_be_decided_again() {
    let at = "2025-10-03T15:00:00Z";
    let told = simulate(&["--explain", at]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    for words in ["waiting", "bursts an hour expected", "decision   desired", "because    "] {
        assert!(told.stdout.contains(words), "{words}: {}", told.stdout);
    }
    let decisions: Vec<Value> =
        serde_json::from_str(&simulate(&["--explain", at, "--format=json"]).stdout).unwrap();
    let decision = &decisions[0];
    let snapshot: scaler::Snapshot = serde_json::from_value(decision["snapshot"].clone()).unwrap();
    let plan: scaler::Plan = serde_json::from_value(decision["plan"].clone()).unwrap();
    assert!(snapshot.now.to_string().as_str() <= at);
    assert_eq!(scaler::plan(&snapshot, &scaler::Policy::default()), plan);
    let sentences: Vec<String> = plan.because.iter().map(ToString::to_string).collect();
    assert_eq!(decision["sentences"], serde_json::json!(sentences));
}

#[test]
fn a_store_is_simulated_like_the_trace_that_it_was_imported_from() {
    let setup = Setup::new().config("[retention]\njobs_days = 36500\nseries_days = 36500\n");
    let run = |arguments: &[&str]| headroom_in(setup.home(), &[], arguments, b"");
    assert_eq!(run(&["import", "--store", "h.db", &week()]).code, Some(0));
    let choice = ["--learn=3", "--policy=headroom,per-webhook", "--format=csv"];
    let of_store = run(&[&["simulate", "--store", "h.db"], &choice[..]].concat());
    assert_eq!(of_store.code, Some(0), "{}", of_store.stderr);
    assert_eq!(of_store.stdout, simulate(&choice).stdout);
}

#[test]
fn what_makes_no_sense_is_told_with_what_was_expected() {
    for (arguments, code, words) in [
        (&["--policy", "headrom"][..], 2, "expected one of headroom, per-webhook"),
        (&["--policy", "idle-pool"], 2, "such as idle-pool:10"),
        (&["--faults", "bost=1"], 2, "boot-jitter"),
        (&["--boot=-1"], 2, "seconds from 0 to 86400 were expected"),
        (&["--explain", "2020-01-01T00:00:00Z"], 2, "nothing was decided"),
        (&["--explain", "noon"], 2, "RFC 3339"),
        (&["--pool", "windows"], 2, "holds no finished job of pool windows"),
        (&["--store", "h.db"], 2, "cannot be used with"),
    ] {
        let ended = simulate(arguments);
        assert_eq!(ended.code, Some(code), "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(words), "{arguments:?}: {}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
}

#[test]
fn a_line_that_cannot_be_read_is_named_and_left_out() {
    let trace = "job_id,pool,queued_at_unix_ms,duration_ms,recorded_wait_ms,run_id,\
                 run_created_at_unix_ms\n1,linux,1000,60000,,1,1000\n2,linux,soon,60000,,1,1000\n";
    let arguments = ["simulate", "--trace", "-", "--learn=0", "--policy=oracle", "--format=json"];
    let ended = headroom(&arguments, trace.as_bytes());
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("-:3: ") && ended.stderr.contains("queued_at_unix_ms"));
    let rows: Vec<Value> = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(rows[0]["jobs"], 1);
    let ended = headroom(&arguments, b"a,b\n1,2\n");
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("is no trace"), "{}", ended.stderr);
}
