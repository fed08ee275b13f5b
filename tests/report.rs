//! `headroom report`: figures that somebody else finds as well, from every source and in every form.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::world::{Ended, Job, Setup, headroom, headroom_in, python, repository};

/// A real week of 1,931 jobs.
fn week() -> String {
    repository().join("src/demo/week.csv").to_string_lossy().into_owned()
}

/// Keeps what is years old.
const KEEPS_ALL: &str = "[retention]\njobs_days = 36500\nseries_days = 36500\n";

const HEADER: &str = "job_id,pool,queued_at_unix_ms,duration_ms,recorded_wait_ms,run_id,\
                      run_created_at_unix_ms,repo\n";

#[track_caller]
fn report(arguments: &[&str], stdin: &[u8]) -> Ended {
    // The replay has stories of its own, and takes its time.
    headroom(&[&["report", "--no-replay"], arguments].concat(), stdin)
}

#[track_caller]
fn json(arguments: &[&str]) -> Value {
    let ended = report(&[arguments, &["--format=json"]].concat(), b"");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    serde_json::from_str(&ended.stdout).unwrap()
}

#[test]
fn an_independent_program_finds_the_same_figures() {
    let setup = Setup::new();
    for (since, slo) in [("28d", "30s@95%"), ("3d", "5s@80%")] {
        let out = setup.home().join("report.json");
        let arguments = ["--trace", &week(), "--since", since, "--slo", slo];
        fs::write(&out, json(&arguments).to_string()).unwrap();
        let ended = python("report_figures.py", &[Path::new(&week()), &out]);
        assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
        assert!(ended.stdout.contains("figures agree"), "{}", ended.stdout);
    }
}

#[test]
fn the_json_is_what_its_schema_says() {
    let setup = Setup::new();
    let out = setup.home().join("report.json");
    let prices = "per_hour = 0.2\nspot = 0.3\n[pool.linux]\nper_hour = 0.4\n";
    setup.write("prices.toml", prices);
    let prices = setup.home().join("prices.toml");
    let arguments = ["--trace", &week(), "--prices", prices.to_str().unwrap(), "--out"];
    let ended = headroom(&[&["report"], &arguments[..], &[out.to_str().unwrap()]].concat(), b"");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""), "{}", ended.stderr);
    let schema = repository().join("docs/report.schema.json");
    let ended = python("check_schema.py", &[&schema, &out]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
}

#[test]
fn the_contract_of_the_json_holds() {
    let ended = headroom(&["report", "--trace", &week(), "--format=json"], b"");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let pool = &report["pools"][0];
    for pointer in [
        "/name",
        "/jobs",
        "/wait_secs/mean",
        "/wait_secs/p50",
        "/wait_secs/p90",
        "/wait_secs/p95",
        "/wait_secs/p99",
        "/within_slo",
        "/concurrency/mean",
        "/concurrency/p95",
        "/concurrency/max",
        "/runner_hours",
    ] {
        assert!(!pool.pointer(pointer).is_none_or(Value::is_null), "{pointer} is missing");
    }
    for point in pool["frontier"].as_array().unwrap() {
        for key in ["policy", "wait_p50_secs", "wait_p95_secs", "bill_over_oracle"] {
            assert!(!point[key].is_null(), "{key} is missing in {point}");
        }
    }
    assert!(pool["frontier"].as_array().unwrap().len() > 3);
    for key in ["runners_min", "warm_pool", "config"] {
        assert!(!pool["recommendation"][key].is_null(), "{key} is missing");
    }
    assert!(report["period"]["from"].is_string() && report["warnings"].is_array());
}

#[test]
fn a_store_tells_what_the_trace_tells_that_it_was_imported_from() {
    let setup = Setup::new().config(KEEPS_ALL);
    let run = |arguments: &[&str]| headroom_in(setup.home(), &[], arguments, b"");
    assert_eq!(run(&["import", "--store", "h.db", &week()]).code, Some(0));
    let ended = run(&["report", "--no-replay", "--store", "h.db", "--format=json"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let of_store: Value = serde_json::from_str(&ended.stdout).unwrap();
    let of_trace = json(&["--trace", &week()]);
    for figure in [
        "jobs",
        "wait_secs",
        "within_slo",
        "concurrency",
        "runner_hours",
        "bursts",
        "hours_of_week",
    ] {
        let figures = [&of_store, &of_trace].map(|report| &report["pools"][0][figure]);
        assert_eq!(figures[0], figures[1], "{figure}");
    }
}

#[test]
fn emf_tells_what_the_store_tells_whatever_the_order_of_its_lines() {
    let setup = Setup::new().config(KEEPS_ALL);
    let run = |arguments: &[&str], stdin: &[u8]| headroom_in(setup.home(), &[], arguments, stdin);
    let all = fs::read_to_string(week()).unwrap();
    let few = all.lines().take(300).collect::<Vec<_>>().join("\n") + "\n";
    setup.write("few.csv", &few);
    assert_eq!(run(&["import", "--store", "h.db", "few.csv"], b"").code, Some(0));
    let emf = run(&["export", "--store", "h.db", "--format=emf"], b"").stdout;
    let mut lines: Vec<&str> = emf.lines().collect();
    lines.reverse();
    setup.write("lines.ndjson", &(lines.join("\n") + "\n" + lines[7] + "\n"));
    let pools = |arguments: &[&str]| -> Value {
        let ended = run(&[&["report", "--no-replay", "--format=json"], arguments].concat(), b"");
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        serde_json::from_str::<Value>(&ended.stdout).unwrap()["pools"].take()
    };
    assert_eq!(pools(&["--emf", "lines.ndjson"]), pools(&["--store", "h.db"]));
}

#[test]
fn a_job_that_waits_still_is_told_with_its_page() {
    let server = Setup::new().start();
    let started = Job::new(1);
    server.accepts(&[started.queued(), started.in_progress(), started.completed()]);
    server.accepts(&[Job::new(2).queued()]);
    let (setup, store) = (server.setup.clone(), server.setup.store());
    server.stop();
    let arguments = ["report", "--no-replay", "--store", store.to_str().unwrap(), "--format=json"];
    let ended = headroom_in(setup.home(), &[], &arguments, b"");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let pool = &report["pools"][0];
    assert_eq!((&pool["jobs"], &pool["job_counts"]["waiting"]), (&2.into(), &1.into()));
    assert_eq!(pool["wait_secs"]["censored"], 1);
    let waiting = pool["slowest"].as_array().unwrap().iter().find(|job| job["job"] == 2).unwrap();
    assert_eq!(waiting["is_waiting"], true);
    let url = waiting["url"].as_str().unwrap();
    assert!(url.starts_with("https://github.com/octo-org/octo-repo/"), "{waiting}");
    assert!(pool["waste"].is_null(), "a dry run knows of no idle runner");
}

#[test]
fn unknown_waits_are_left_out_counted_and_said() {
    let mut rows = String::new();
    for n in 0..10 {
        let (at, wait) = (1_767_571_200_000_i64 + n * 1000, if n < 4 { "" } else { "7000" });
        rows += &format!("{n},linux,{at},60000,{wait},1,1000,octo/cat\n");
    }
    let ended = report(&["--trace", "-", "--format=json"], (HEADER.to_owned() + &rows).as_bytes());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let pool = &report["pools"][0];
    assert_eq!((&pool["jobs"], &pool["wait_secs"]["known"]), (&10.into(), &6.into()));
    assert_eq!(
        (&pool["wait_secs"]["p50"], &pool["job_counts"]["wait_unknown"]),
        (&7.0.into(), &4.into())
    );
    let warnings = report["warnings"].to_string();
    assert!(warnings.contains("4 of 10 jobs") && warnings.contains("no known wait"), "{warnings}");
}

#[test]
fn a_row_that_two_files_hold_counts_once() {
    let once = json(&["--trace", &week()]);
    let twice = json(&["--trace", &week(), &week()]);
    assert_eq!(once["pools"], twice["pools"]);
    assert!(twice["method"].to_string().contains("1,931 rows told of a job a second time"));
}

#[test]
fn a_line_that_cannot_be_read_is_named_once_and_said_in_the_report() {
    let trace =
        HEADER.to_owned() + "1,linux,1000,60000,1,1,1000,a/b\n2,linux,soon,60000,,1,1000,a/b\n";
    let ended = report(&["--trace", "-", "--format=json"], trace.as_bytes());
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert_eq!(ended.stderr.matches("-:3: queued_at_unix_ms").count(), 1, "{}", ended.stderr);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(report["warnings"][0]["subject"], "unreadable_lines");
    assert_eq!(report["pools"][0]["jobs"], 1);
}

#[test]
fn markdown_fits_an_issue_however_many_pools_there_are() {
    let mut rows = HEADER.to_owned();
    for n in 0..6000_i64 {
        let (pool, at) = (n % 90, 1_767_571_200_000 + n * 60_000);
        rows += &format!(
            "{n},\"pool `{pool}` | @team <b>\",{at},600000,{},1,1000,octo/cat-{pool}\n",
            n % 900 * 100
        );
    }
    let ended = report(&["--trace", "-"], rows.as_bytes());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let chars = ended.stdout.chars().count();
    assert!(chars < 65_536, "{chars} characters");
    assert!(ended.stdout.contains("more pools have no room here"), "{}", ended.stdout);
    let beyond_code = ended.stdout.split('`').step_by(2).collect::<String>();
    for markup in ["<b>", "@team"] {
        assert!(!beyond_code.contains(markup), "a name is no markup: {markup}");
    }
    assert_eq!(
        ended.stdout.matches("<details>").count(),
        ended.stdout.matches("</details>").count()
    );
}

#[test]
fn csv_has_a_figure_a_row() {
    let ended = report(&["--trace", &week(), "--format=csv", "--price=0.20/h"], b"");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let mut reader = csv::Reader::from_reader(ended.stdout.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let find = |table: &str, key: &str, figure: &str| -> Option<f64> {
        let row = rows.iter().find(|row| &row[1] == table && &row[2] == key && &row[3] == figure);
        row.unwrap_or_else(|| panic!("{table} {key} {figure}"))[4].parse().ok()
    };
    let report = json(&["--trace", &week(), "--price=0.20/h"]);
    let pool = &report["pools"][0];
    assert_eq!(find("pool", "", "wait_p95"), pool["wait_secs"]["p95"].as_f64());
    assert_eq!(find("pool", "", "cost_on_demand"), pool["cost"]["on_demand"].as_f64());
    let hours: Vec<&csv::StringRecord> =
        rows.iter().filter(|row| &row[1] == "hours_of_week" && &row[3] == "jobs").collect();
    assert_eq!(hours.len(), 168);
    let jobs: u64 = hours.iter().map(|row| row[4].parse::<u64>().unwrap()).sum();
    assert_eq!(jobs, pool["jobs"].as_u64().unwrap());
}

#[test]
fn what_makes_no_sense_is_told_with_what_was_expected() {
    let setup = Setup::new();
    setup.write("prices.toml", "per_hour = 0.2\nspott = 0.3\n");
    setup.write("wrong.toml", "spot = 3.0\n");
    let week = week();
    for (arguments, code, words) in [
        (&["--trace", "no.csv"][..], 3, "cannot use no.csv"),
        (&["--store", "no.db"], 3, "no.db"),
        (&["--trace", &week, "--store", "x"], 2, "cannot be used with"),
        (&["--trace", &week, "--since", "28"], 2, "such as 28d"),
        (&["--trace", &week, "--slo", "30"], 2, "such as 30s@95%"),
        (&["--trace", &week, "--price", "cheap"], 2, "such as 0.20/h"),
        (&["--trace", &week, "--spot", "3"], 2, "a part of the on-demand price"),
        (&["--trace", &week, "--pool", "windows"], 2, "holds no finished job of pool windows"),
        (&["--trace", &week, "--out", "report"], 2, "an extension of"),
        (&["--trace", &week, "--out", "no/report.md"], 3, "cannot use no/report.md"),
        (&["--trace", &week, "--prices", "prices.toml"], 2, "spott"),
        (&["--trace", &week, "--prices", "wrong.toml"], 2, "a part of the on-demand price"),
        (&["--trace", "prices.toml"], 2, "is no trace"),
    ] {
        let ended = headroom_in(setup.home(), &[], &[&["report"], arguments].concat(), b"");
        assert_eq!(ended.code, Some(code), "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(words), "{arguments:?}: {}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
}
