//! `headroom alarms`: printed as others take them, compared with files, and run over history.

use std::collections::BTreeSet;
use std::fmt::Write;

use model::catalogue as c;
use serde_json::Value;

use crate::world::{headroom, headroom_in, repository};

fn json(arguments: &[&str]) -> Value {
    let ended = headroom(arguments, b"");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    serde_json::from_str(&ended.stdout).unwrap()
}

#[test]
fn the_list_says_of_each_alarm_what_decides_and_where_its_runbook_is() {
    let all = json(&["alarms", "print", "--format", "json"]);
    let all = all.as_array().unwrap();
    assert!(all.len() >= 18, "{}", all.len());
    for alarm in all {
        for key in ["name", "severity", "missing_data", "runbook", "expression", "meaning"] {
            assert!(alarm[key].as_str().is_some_and(|text| !text.is_empty()), "{key} of {alarm}");
        }
        for key in ["threshold", "periods", "datapoints_to_alarm", "period_secs"] {
            assert!(alarm[key].is_number(), "{key} of {alarm}");
        }
        let runbook = repository().join(alarm["runbook"].as_str().unwrap());
        assert!(runbook.exists(), "{}", runbook.display());
        for metric in alarm["metrics"].as_array().unwrap() {
            assert!(c::by_name(metric.as_str().unwrap()).is_some(), "{metric}");
        }
    }
    let names: BTreeSet<&str> = all.iter().map(|alarm| alarm["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), all.len());
}

#[test]
fn pools_of_the_configuration_have_alarms_of_their_own_in_cloudwatch() {
    let folder = tempfile::tempdir().unwrap();
    let config = "[[pool]]\nname = \"a\"\nlabels = [\"a\"]\n[[pool]]\nname = \"b\"\n\
                  labels = [\"b\"]\nalarms = { oldest-job-too-old = { threshold = 60 } }\n";
    std::fs::write(folder.path().join("headroom.toml"), config).unwrap();
    let arguments =
        ["alarms", "print", "--format=cloudwatch", "--name=oldest-job-too-old", "--action"];
    let arguments = [&arguments[..], &["page=arn:aws:sns:eu-west-1:123456789012:page"]].concat();
    let ended = headroom_in(folder.path(), &[], &arguments, b"");
    let printed: Value = serde_json::from_str(&ended.stdout).unwrap();
    let alarms = printed["MetricAlarms"].as_array().unwrap();
    let told: Vec<(&str, f64)> = alarms
        .iter()
        .map(|a| (a["AlarmName"].as_str().unwrap(), a["Threshold"].as_f64().unwrap()))
        .collect();
    let expected =
        [("headroom-a-oldest-job-too-old", 1800.0), ("headroom-b-oldest-job-too-old", 60.0)];
    assert_eq!(told, expected);
}

#[test]
fn a_name_that_is_no_alarms_says_which_there_are() {
    let ended = headroom(&["alarms", "print", "--name", "pool-dwon"], b"");
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("pool-down"), "{}", ended.stderr);
}

#[test]
fn what_differs_is_told_and_exits_1() {
    let folder = tempfile::tempdir().unwrap();
    let generated = repository().join("alarms/generated");
    let same = headroom(&["alarms", "diff", &generated.display().to_string()], b"");
    assert_eq!((same.code, same.stdout.as_str()), (Some(0), ""), "{}", same.stderr);
    for name in ["cloudwatch.json", "prometheus.yaml", "alarms.json"] {
        let text = std::fs::read_to_string(generated.join(name)).unwrap();
        let changed = text.replace("1800", "60");
        assert_ne!(text, changed);
        std::fs::write(folder.path().join(name), changed).unwrap();
    }
    let other = headroom(&["alarms", "diff", &folder.path().display().to_string()], b"");
    assert_eq!(other.code, Some(1));
    for expected in [
        "headroom-linux-oldest-job-too-old: Threshold is 60.0, should be 1800.0",
        "alarms.json: oldest-job-too-old: threshold is 60.0, should be 1800.0",
        "prometheus.yaml: line ",
    ] {
        assert!(other.stdout.contains(expected), "{expected} is not in\n{}", other.stdout);
    }
}

/// A pool at its maximum from 12:10 to 12:30 while jobs wait.
fn exhausted() -> String {
    let mut csv = String::from("metric,dimensions,minute,value\n");
    for minute in 0..60 {
        let full = (10..30).contains(&minute);
        for (spec, usual, then) in [
            (c::JOBS_WAITING.0, 0, 7),
            (c::RUNNERS_IDLE.0, 2, 0),
            (c::RUNNERS_BUSY.0, 8, 10),
            (c::RUNNERS_BOOTING.0, 0, 0),
            (c::RUNNERS_MEMBERS.0, 10, 10),
            (c::RUNNERS_MAX.0, 10, 10),
        ] {
            let value = if full { then } else { usual };
            let name = spec.name;
            let _ = writeln!(csv, "{name},Pool=linux,2026-01-31T12:{minute:02}:00Z,{value}");
        }
    }
    csv
}

#[test]
fn history_as_csv_says_when_an_alarm_would_have_fired_and_cleared() {
    let arguments = ["alarms", "eval", "--series", "-", "--format", "json"];
    let ended = headroom(&arguments, exhausted().as_bytes());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let history: Value = serde_json::from_str(&ended.stdout).unwrap();
    let fired: Vec<(&str, &str, &str)> = history["fired"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let text = |key: &str| one[key].as_str().unwrap();
            (text("alarm"), text("fired_at"), text("cleared_at"))
        })
        .collect();
    // Two of three minutes: fires when the second is over, clears when the second is well again.
    let times = ("2026-01-31T12:12:00Z", "2026-01-31T12:32:00Z");
    let expected = [("pool-exhausted", times.0, times.1), ("pool-incident", times.0, times.1)];
    assert_eq!(fired, expected);
    assert!(ended.stderr.contains("scaler-silence was left out"), "{}", ended.stderr);
}

#[test]
fn a_row_that_cannot_be_read_is_named_and_the_rest_counts() {
    let folder = tempfile::tempdir().unwrap();
    let broken = exhausted().replacen(",7\n", ",seven\n", 1);
    std::fs::write(folder.path().join("series.csv"), broken).unwrap();
    let ended = headroom_in(folder.path(), &[], &["alarms", "eval", "--series", "series.csv"], b"");
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("series.csv:62: value"), "{}", ended.stderr);
    assert!(ended.stdout.contains("pool-exhausted"), "{}", ended.stdout);
}

#[test]
fn another_threshold_is_tried_on_history_before_it_tells_anybody() {
    let folder = tempfile::tempdir().unwrap();
    let line = |minute: i64, age: i64| {
        let at = 1_769_860_800_000_i64 + minute * 60_000;
        let (namespace, name) = (c::NAMESPACE, c::OLDEST_WAITING_AGE.0.name);
        format!(
            "{{\"_aws\":{{\"Timestamp\":{at},\"CloudWatchMetrics\":[{{\"Namespace\":\"{namespace}\",\
             \"Dimensions\":[[\"Pool\"]],\"Metrics\":[{{\"Name\":\"{name}\"}}]}}]}},\
             \"Pool\":\"linux\",\"{name}\":{age}}}\n"
        )
    };
    let emf: String = (0..40).map(|minute| line(minute, minute * 60)).collect();
    std::fs::write(folder.path().join("lines.ndjson"), emf).unwrap();
    let tuned = "[alarms]\noldest-job-too-old = { threshold = 600 }\n";
    std::fs::write(folder.path().join("tuned.toml"), tuned).unwrap();
    let fired = |more: &[&str]| {
        let arguments = ["alarms", "eval", "--emf", "lines.ndjson", "--name=oldest-job-too-old"];
        let arguments = [&arguments[..], more].concat();
        headroom_in(folder.path(), &[], &arguments, b"").stdout
    };
    assert!(fired(&[]).contains("2026-01-31T12:34:00Z"), "{}", fired(&[]));
    let sooner = fired(&["--config", "tuned.toml"]);
    assert!(sooner.contains("2026-01-31T12:14:00Z"), "{sooner}");
}
