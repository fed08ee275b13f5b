//! `_aws`: shape, time, list of directives, repeated and unknown members.

use serde_json::json;

use super::{Case, NOW, check, set, without, written};

pub(crate) fn cases() -> Vec<Case> {
    let time = |value| set([("/_aws/Timestamp", value)]);
    let directives = |value| set([("/_aws/CloudWatchMetrics", value)]);
    vec![
        ("_aws is a text", set([("/_aws", json!("x"))]), &["aws-not-object"]),
        ("_aws is null", set([("/_aws", json!(null))]), &["aws-not-object"]),
        (
            "_aws is empty",
            set([("/_aws", json!({}))]),
            &["timestamp-missing", "directives-missing"],
        ),
        ("no time", without("/_aws/Timestamp"), &["timestamp-missing"]),
        ("a time as text", time(json!(NOW.to_string())), &["timestamp-not-integer"]),
        ("a written time", time(json!("2026-01-31T12:00:00Z")), &["timestamp-not-integer"]),
        ("a fraction of a millisecond", time(json!(1.5)), &["timestamp-not-integer"]),
        ("an exponent", written(&NOW.to_string(), "1.7e12"), &["timestamp-not-integer"]),
        ("seconds", time(json!(NOW / 1000)), &["timestamp-unit"]),
        ("microseconds", time(json!(NOW * 1000)), &["timestamp-unit"]),
        ("nanoseconds", time(json!(NOW * 1_000_000)), &["timestamp-unit"]),
        ("zero", time(json!(0)), &["timestamp-old"]),
        ("before 1970", time(json!(-1)), &["timestamp-old"]),
        ("no directives", without("/_aws/CloudWatchMetrics"), &["directives-missing"]),
        ("directives as an object", directives(json!({})), &["directives-not-array"]),
        ("an empty list of directives", directives(json!([])), &["directives-empty"]),
        ("a directive that is none", directives(json!(["x"])), &["directive-not-object"]),
        ("a log group", set([("/_aws/LogGroupName", json!("g"))]), &[]),
        ("a log stream", set([("/_aws/LogStreamName", json!("s"))]), &[]),
        ("a property at the root", set([("/Timestamp", json!({"a": [1]}))]), &[]),
        ("an unknown member of _aws", set([("/_aws/Unit", json!("x"))]), &["member-unknown"]),
        (
            "a misspelt member of a directive",
            written("\"Dimensions\"", "\"Dimension\""),
            &["member-unknown", "dimensions-missing"],
        ),
        ("an unknown member of a metric", set([("m/Value", json!(1))]), &["member-unknown"]),
        ("a metric's value twice", written("{", "{\"Wait\":1,"), &["member-repeated"]),
        (
            "two times",
            written("\"Timestamp\"", "\"Timestamp\":1,\"Timestamp\""),
            &["member-repeated"],
        ),
        ("two names", written("\"Name\"", "\"Name\":\"x\",\"Name\""), &["member-repeated"]),
        (
            "two namespaces",
            written("\"Namespace\"", "\"Namespace\":\"x\",\"Namespace\""),
            &["member-repeated"],
        ),
        ("a repetition deep in a property", written("{", r#"{"p":{"a":1,"a":2},"#), &[]),
    ]
}

#[test]
fn the_envelope_is_read_strictly() {
    check(cases());
}
