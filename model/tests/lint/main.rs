//! What lint accepts and rejects: each rule with a case that breaks it and a neighbour that does
//! not, each limit at one less, exactly, and one more.
//!
//! A case is a line and the codes of all its findings in the order of reading.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod directives;
mod distributions;
mod envelope;
mod limits;
mod line;
mod shapes;
mod targets;
mod totality;

use std::collections::BTreeSet;

use model::Timestamp;
use model::lint::{self, Checked, Rule};
use serde_json::{Value, json};

/// The clock of all cases, 2026-01-31T12:00:00Z in milliseconds.
const NOW: i64 = 1_769_860_800_000;

/// What the case is about, its line, and the codes to be found.
type Case = (&'static str, String, &'static [&'static str]);

fn lint(line: &str) -> Checked {
    lint::check(line, Timestamp::from_millis(NOW))
}

fn codes(line: &str) -> Vec<&'static str> {
    lint(line).findings.iter().map(|finding| finding.rule.code()).collect()
}

/// Lints every case.
#[track_caller]
fn check(cases: Vec<Case>) {
    for (what, line, expected) in cases {
        let shown: String = line.chars().take(400).collect();
        assert_eq!(codes(&line), expected, "{what}: {shown}");
    }
}

/// A document that nothing can be said against.
fn document() -> Value {
    json!({
        "_aws": {"Timestamp": NOW, "CloudWatchMetrics": [{
            "Namespace": "App", "Dimensions": [["Pool"]],
            "Metrics": [{"Name": "Wait", "Unit": "Seconds"}],
        }]},
        "Pool": "linux", "Wait": 42,
    })
}

/// Where a member stands in [`document`].
fn slot<'a>(document: &'a mut Value, pointer: &str) -> (&'a mut Value, String) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    (document.pointer_mut(parent).unwrap(), name.to_owned())
}

/// [`document`] with other members; a pointer begins at the root, or with `d` at the directive, or
/// with `m` at the metric.
fn set<const N: usize>(members: [(&str, Value); N]) -> String {
    let mut document = document();
    for (pointer, value) in members {
        let (parent, name) = slot(&mut document, &full(pointer));
        parent[name] = value;
    }
    document.to_string()
}

/// [`document`] without a member.
fn without(pointer: &str) -> String {
    let mut document = document();
    let (parent, name) = slot(&mut document, &full(pointer));
    parent.as_object_mut().unwrap().remove(&name);
    document.to_string()
}

fn full(pointer: &str) -> String {
    const DIRECTIVE: &str = "/_aws/CloudWatchMetrics/0";
    match pointer.split_at(1) {
        ("d", rest) => format!("{DIRECTIVE}{rest}"),
        ("m", rest) => format!("{DIRECTIVE}/Metrics/0{rest}"),
        _ => pointer.to_owned(),
    }
}

/// The text of [`document`] with one part replaced, for what no JSON value can hold.
fn written(part: &str, replacement: &str) -> String {
    let text = document().to_string();
    assert!(text.contains(part), "{part} is not in {text}");
    text.replacen(part, replacement, 1)
}

#[test]
fn a_good_document_yields_its_metrics_and_series() {
    let one = lint(&document().to_string());
    assert_eq!((one.findings, one.metrics, one.series), (vec![], 1, 1));
    let more = lint(&set([
        ("d/Dimensions", json!([["Pool"], []])),
        ("d/Metrics", json!([{"Name": "Wait"}, {"Name": "Jobs"}, {"Name": "Lost"}])),
        ("/Jobs", json!([1, 2])),
    ]));
    assert_eq!((more.findings.len(), more.metrics, more.series), (1, 2, 4), "{more:?}");
    let late = lint(&set([("/_aws/Timestamp", json!(0))]));
    assert_eq!((late.metrics, late.series), (0, 0), "a refused event yields nothing");
}

#[test]
fn every_rule_has_a_case_that_breaks_it() {
    let all = [
        line::cases(),
        envelope::cases(),
        directives::cases(),
        targets::cases(),
        distributions::cases(),
        limits::cases(),
    ];
    let broken: BTreeSet<_> = all.into_iter().flatten().flat_map(|case| case.2).copied().collect();
    let rules: BTreeSet<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
    assert_eq!(rules.difference(&broken).collect::<Vec<_>>(), Vec::<&&str>::new());
}

#[test]
fn a_finding_tells_the_place_and_the_remedy() {
    let seconds = NOW / 1000;
    let cases = [
        (
            set([("m/Unit", json!("seconds"))]),
            "error[unit-unknown] _aws.CloudWatchMetrics[0].Metrics[0].Unit: \"seconds\"; \
             did you mean Seconds?"
                .to_owned(),
        ),
        (
            set([("/_aws/Timestamp", json!(seconds))]),
            format!(
                "error[timestamp-unit] _aws.Timestamp: {seconds}; \
                 these look like seconds: write milliseconds, {NOW}"
            ),
        ),
        (
            set([("/Wait", json!({"Values": [1, "2"], "Counts": [1, 1]}))]),
            "error[value-not-number] Wait.Values[1]: \"2\"; write a number without quotes, \
             an array of numbers, or {\"Values\":[..],\"Counts\":[..]}"
                .to_owned(),
        ),
    ];
    for (line, expected) in cases {
        assert_eq!(lint(&line).findings[0].to_string(), expected);
    }
}
