//! `headroom report`: what it recommends can be pasted and holds in a simulation, and its page needs
//! nothing else.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::world::{Setup, headroom, headroom_in, read_with, repository, tool};

/// A real week of 1,931 jobs.
fn week() -> String {
    repository().join("src/demo/week.csv").to_string_lossy().into_owned()
}

fn json(arguments: &[&str]) -> Value {
    let week = week();
    let fixed = ["report", "--trace", &week, "--format", "json"];
    let ended = headroom(&[&fixed[..], arguments].concat(), b"");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    serde_json::from_str(&ended.stdout).unwrap()
}

#[track_caller]
fn close(found: &Value, expected: &Value, part: f64) {
    let (found, expected) = (found.as_f64().unwrap(), expected.as_f64().unwrap());
    assert!((found - expected).abs() <= part * expected.max(1.0), "{found}, not {expected}");
}

#[test]
fn the_recommended_configuration_can_be_pasted_and_is_then_what_is_set_today() {
    let setup = Setup::new();
    let recommendation = json(&[])["pools"][0]["recommendation"].clone();
    setup.write("headroom.toml", recommendation["config"].as_str().unwrap());
    let config = setup.home().join("headroom.toml");
    let again = json(&["--config", config.to_str().unwrap()]);
    let pool = &again["pools"][0];
    assert_eq!(pool["capacity"]["runners_max"], recommendation["runners_max"]);
    let frontier = pool["frontier"].as_array().unwrap();
    let current = frontier.iter().find(|it| it["policy"] == "current").unwrap();
    for figure in ["wait_p50_secs", "wait_p95_secs", "wait_mean_secs", "bill_over_oracle"] {
        assert_eq!(current[figure], recommendation["predicted"][figure], "{figure}");
    }
}

#[test]
fn the_frontier_is_what_simulate_finds_for_the_same_days() {
    let report = json(&[]);
    let pool = &report["pools"][0];
    let days = pool["advice"]["learned"]["days"].to_string();
    let frontier = pool["frontier"].as_array().unwrap();
    let names = [
        "headroom",
        "per-webhook",
        "stopped-pool:12",
        "stopped-pool:20",
        "idle-pool:10",
        "oracle",
        "warm-oracle",
    ];
    let (policies, week) = (names.join(","), week());
    let arguments =
        ["simulate", "--trace", &week, "--learn", &days, "--policy", &policies, "--format", "json"];
    let ended = headroom(&arguments, b"");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let rows: Vec<Value> = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(rows.len(), names.len());
    for row in rows {
        let point = frontier.iter().find(|it| it["policy"] == row["policy"]);
        let point = point.unwrap_or_else(|| panic!("{} is not on the frontier", row["policy"]));
        for figure in ["wait_mean_secs", "wait_p50_secs", "wait_p95_secs", "bill_over_oracle"] {
            close(&point[figure], &row[figure], 0.01);
        }
    }
}

/// A fleet of the same rules that shares no code with ours.
#[test]
fn an_independent_replay_finds_the_same_frontier_to_a_tenth() {
    let setup = Setup::new();
    let out = setup.home().join("report.json");
    let week = week();
    let arguments = ["report", "--trace", &week, "--out", out.to_str().unwrap()];
    let ended = headroom(&arguments, b"");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let mut python = Command::new(tool("py/bin/python"));
    python.arg(repository().join("tests/tools/report_replay.py")).args([Path::new(&week), &out]);
    let ended = read_with(python, b"");
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("figures compared"), "{}", ended.stdout);
}

#[test]
fn a_pool_that_is_not_replayed_is_named_with_the_reason() {
    let setup = Setup::new();
    let whole = fs::read_to_string(week()).unwrap();
    let mut trace: String = whole.split_inclusive('\n').take(301).collect();
    let at = 1_759_471_200_000_u64;
    for n in 0..=200_000_u64 {
        trace += &format!("{n},huge,{},1000,0,{n},{at}\n", at + n * 100);
    }
    setup.write("jobs.csv", &trace);
    let made = |format: &str| {
        let arguments = ["report", "--trace", "jobs.csv", "--format", format];
        let ended = headroom_in(setup.home(), &[], &arguments, b"");
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        ended.stdout
    };
    let report: Value = serde_json::from_str(&made("json")).unwrap();
    let pool = |name: &str| {
        let pools = report["pools"].as_array().unwrap();
        pools.iter().find(|it| it["name"] == name).unwrap()
    };
    assert!(pool("huge")["advice"].is_null() && pool("huge")["recommendation"].is_null());
    assert_eq!(pool("linux")["advice"]["sample"]["jobs"], 300);
    let warnings = report["warnings"].as_array().unwrap();
    let told: Vec<&Value> = warnings.iter().filter(|it| it["pool"] == "huge").collect();
    assert_eq!((told.len(), &told[0]["subject"]), (1, &Value::from("replay")));
    let text = told[0]["text"].as_str().unwrap();
    assert!(text.starts_with("Not replayed: one day has more than the 200,000 jobs"), "{text}");
    for format in ["html", "markdown"] {
        assert_eq!(made(format).matches(text).count(), 2, "{format}");
    }
}

#[test]
fn the_same_jobs_give_the_same_bytes_and_no_replay_leaves_the_advice_out() {
    let without_clock = |mut report: Value| {
        report["generated_at"] = Value::Null;
        report.to_string()
    };
    assert_eq!(without_clock(json(&[])), without_clock(json(&[])));
    let described = json(&["--no-replay"]);
    let pool = &described["pools"][0];
    assert!(pool["recommendation"].is_null() && pool["advice"].is_null());
    assert_eq!(pool["frontier"].as_array().map(Vec::len), Some(0));
}

#[test]
fn the_page_loads_nothing_and_escapes_what_others_wrote() {
    let setup = Setup::new();
    let evil = "<script>alert(1)</script>";
    let mut trace = fs::read_to_string(week())
        .unwrap()
        .lines()
        .take(400)
        .map(str::to_owned)
        .collect::<Vec<_>>();
    trace[0] += ",repo";
    for row in &mut trace[1..] {
        *row += &format!(",octo/{evil}");
        *row = row.replacen(",linux,", &format!(",linux{evil},"), 1);
    }
    setup.write("jobs.csv", &trace.join("\n"));
    let arguments = ["report", "--trace", "jobs.csv", "--price", "0.2/h", "--out", "report.html"];
    let ended = headroom_in(setup.home(), &[], &arguments, b"");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let page = fs::read_to_string(setup.home().join("report.html")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.len() < 400_000, "{}", page.len());
    assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains(evil));
    for loading in
        ["src=", "<link", "url(", "@import", "fetch(", "XMLHttpRequest", "<iframe", "<img"]
    {
        assert!(!page.contains(loading), "{loading}");
    }
    let addresses = page.match_indices("http").map(|(at, _)| &page[at..(at + 40).min(page.len())]);
    for address in addresses {
        let is_name =
            address.starts_with("http://www.w3.org/2000/svg") || address.starts_with("http-equiv");
        assert!(is_name || address.starts_with("https://github.com/"), "{address}");
    }
    assert_eq!(page.matches("<svg").count(), page.matches("</svg>").count());
    for drawing in page.split("role=\"img\"").skip(1) {
        assert!(drawing.trim_start().starts_with("aria-label=\""), "{}", &drawing[..80]);
    }
}
