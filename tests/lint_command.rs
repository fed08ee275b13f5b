//! `headroom lint` on everybody's lines: exit codes, formats, files and stdin.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::world::{Ended, headroom, headroom_in, lint, read_with, repository, tool};

/// A line that nothing can be said against, and the clock at which that is so.
const GOOD: &str = r#"{"_aws":{"Timestamp":1769860800000,"CloudWatchMetrics":[{"Namespace":"App","Dimensions":[["Pool"]],"Metrics":[{"Name":"Wait","Unit":"Seconds"}]}]},"Pool":"linux","Wait":42}"#;
const NOW: &str = "--now=2026-01-31T12:00:00Z";

fn findings(ended: &Ended) -> Vec<Value> {
    ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn what_two_other_libraries_write_has_no_errors() {
    let python = tool("py/bin/python");
    let mut producers = Command::new(python);
    producers.arg(repository().join("tests/tools/foreign_emf.py"));
    let produced = read_with(producers, b"");
    assert_eq!(produced.code, Some(0), "{}", produced.stderr);
    let lines = produced.stdout.lines().count();
    assert!(lines > 25, "{lines} lines");
    let linted = lint(&produced.stdout);
    assert_eq!(linted.code, Some(0), "{}{}", linted.stdout, linted.stderr);
    assert!(linted.stderr.contains(&format!("{lines} lines, ")), "{}", linted.stderr);
    assert!(linted.stderr.contains(" 0 errors, "), "{}", linted.stderr);
}

#[test]
fn a_good_line_is_silent_and_a_line_without_metrics_is_an_error() {
    for (text, code, rule) in [
        (GOOD, 0, ""),
        ("", 0, ""),
        ("\n\n", 0, ""),
        ("hello", 1, "plain-line"),
        (r#"{"a":1}"#, 1, "plain-line"),
        ("[1,2]", 1, "plain-line"),
        (&GOOD[..80], 1, "not-json"),
        (&GOOD.replace("Seconds", "seconds"), 1, "unit-unknown"),
        (&GOOD.replace("\"Wait\":42", "\"Wait\":\"42\""), 1, "value-not-number"),
        (&GOOD.replace("\"Pool\":\"linux\",", ""), 1, "dimension-missing"),
    ] {
        let ended = headroom(&["lint", NOW, "-"], text.as_bytes());
        assert_eq!(ended.code, Some(code), "{text}: {}", ended.stdout);
        assert!(ended.stdout.contains(rule), "{text}: {rule} is not in {}", ended.stdout);
        assert_eq!(ended.stdout.is_empty(), code == 0, "{}", ended.stdout);
    }
}

#[test]
fn a_warning_passes_unless_it_is_strict() {
    let late = GOOD.replace("\"Wait\":42", "\"Wait\":-42");
    for (arguments, code) in [(&["lint", NOW, "-"][..], 0), (&["lint", NOW, "--strict", "-"], 1)] {
        let ended = headroom(arguments, late.as_bytes());
        assert_eq!(ended.code, Some(code), "{}{}", ended.stdout, ended.stderr);
        assert!(ended.stdout.contains("warning[value-negative]"), "{}", ended.stdout);
    }
}

#[test]
fn findings_in_json_tell_file_line_rule_and_remedy() {
    let text = format!("{GOOD}\n{GOOD}\nhello\n");
    let ended = headroom(&["lint", NOW, "--format=json", "-"], text.as_bytes());
    let found = findings(&ended);
    assert_eq!((ended.code, found.len()), (Some(1), 1));
    assert_eq!((&found[0]["file"], &found[0]["line"]), (&"-".into(), &3.into()));
    assert_eq!((&found[0]["rule"], &found[0]["severity"]), (&"plain-line".into(), &"error".into()));
    assert!(!found[0]["remedy"].as_str().unwrap().is_empty());
    assert_eq!(ended.stderr, "3 lines, 2 metrics, 1 errors, 0 warnings\n");
}

#[test]
fn several_files_are_checked_and_each_finding_names_its_own() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("good.ndjson"), GOOD).unwrap();
    fs::write(folder.path().join("bad.ndjson"), b"\xff\xfe\nx\r\n").unwrap();
    let files = ["lint", NOW, "good.ndjson", "bad.ndjson"];
    let ended = headroom_in(folder.path(), &[], &files, b"");
    assert_eq!(ended.code, Some(1));
    assert!(ended.stdout.contains("bad.ndjson:2: error[plain-line]"), "{}", ended.stdout);
    assert!(!ended.stdout.contains("good.ndjson"), "{}", ended.stdout);
}

#[test]
fn a_file_that_cannot_be_read_is_no_finding_but_a_failure() {
    let ended = headroom(&["lint", "nowhere.ndjson"], b"");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""));
    assert!(ended.stderr.contains("nowhere.ndjson"), "{}", ended.stderr);
    let none = headroom(&["lint"], b"");
    assert_eq!(none.code, Some(2));
}

#[test]
fn a_line_of_sixty_megabytes_is_reported_and_not_read_into_memory() {
    let long = vec![b'x'; 60 * 1024 * 1024];
    let ended = headroom(&["lint", "-"], &long);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stdout.contains("error[event-too-large]"), "{}", ended.stdout);
    assert_eq!(ended.stdout.lines().count(), 1, "{}", ended.stdout);
}
