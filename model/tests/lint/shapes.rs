//! Shapes that AWS documents, and that other producers write: nothing is found in them.

use serde_json::{Value, json};

use super::{NOW, lint};

/// Lints `document` and compares what it yields.
fn check(document: &Value, metrics: usize, series: usize) {
    let checked = lint(&document.to_string());
    assert_eq!(checked.findings, [], "{document}");
    assert_eq!((checked.metrics, checked.series), (metrics, series), "{document}");
}

#[test]
fn a_document_with_properties_of_any_kind_passes() {
    let document = json!({
        "_aws": {"Timestamp": NOW, "CloudWatchMetrics": [{
            "Namespace": "lambda-function-metrics", "Dimensions": [["functionVersion"]],
            "Metrics": [{"Name": "time", "Unit": "Milliseconds", "StorageResolution": 60}]}]},
        "functionVersion": "$LATEST", "time": 100, "requestId": "989ffbf8", "empty": "",
        "nested": {"_aws": 1, "list": [null, true, {"deep": "\u{1f680}"}]},
    });
    check(&document, 1, 1);
}

#[test]
fn several_directives_and_sets_multiply() {
    let document = json!({
        "_aws": {"Timestamp": NOW, "CloudWatchMetrics": [
            {"Namespace": "A", "Dimensions": [["Op"], ["Op", "Zone"], []],
             "Metrics": [{"Name": "Time", "Unit": "Milliseconds"},
                         {"Name": "Size", "Unit": "Bytes"}]},
            {"Namespace": "B", "Dimensions": [[]],
             "Metrics": [{"Name": "Time", "Unit": "Seconds"}]}]},
        "Op": "get", "Zone": "eu-central-1a", "Time": [1, 2.5, 2.5], "Size": 17,
    });
    check(&document, 3, 7);
}

#[test]
fn what_powertools_writes_passes() {
    let document = json!({
        "_aws": {"Timestamp": NOW, "CloudWatchMetrics": [{
            "Namespace": "App", "Dimensions": [["service"]],
            "Metrics": [{"Name": "ColdStart", "Unit": "Count"},
                        {"Name": "Queued", "Unit": "Count", "StorageResolution": 1}]}]},
        "service": "webhook", "ColdStart": [1.0], "Queued": [3.0, 4.0],
    });
    check(&document, 2, 2);
}

#[test]
fn what_aws_embedded_metrics_writes_passes() {
    let document = json!({
        "LogGroup": "webhook", "ServiceName": "webhook", "ServiceType": "AWS::Lambda::Function",
        "executionEnvironment": "", "traceId": null, "Timestamp": "2026-01-31",
        "Wait": 42, "Sizes": [1, 2],
        "_aws": {"Timestamp": NOW, "LogGroupName": "webhook", "LogStreamName": "host-1",
            "CloudWatchMetrics": [{
                "Dimensions": [["LogGroup", "ServiceName", "ServiceType"]],
                "Metrics": [{"Name": "Wait", "Unit": "Seconds"},
                            {"Name": "Sizes", "Unit": "Bytes"}],
                "Namespace": "aws-embedded-metrics"}]},
    });
    check(&document, 2, 2);
}

#[test]
fn what_opentelemetry_writes_for_a_histogram_passes() {
    let document = json!({
        "OTelLib": "lib", "Version": "1", "latency": {
            "Values": [1.5, 3.0], "Counts": [4, 1], "Max": 3.0, "Min": 1.5, "Count": 5, "Sum": 9.0},
        "_aws": {"Timestamp": NOW, "CloudWatchMetrics": [{
            "Namespace": "otel", "Dimensions": [["OTelLib"]],
            "Metrics": [{"Name": "latency", "Unit": "Milliseconds"}]}]},
    });
    check(&document, 1, 1);
}
