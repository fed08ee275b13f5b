//! What a recorded line becomes, and what is said of one that cannot be read.

use model::{Conclusion, Labels, Phase, Quantity, catalogue};
use serde_json::json;

use super::*;

fn job_line(headers: &str, body: &str) -> String {
    format!(r#"{{"headers":{headers},"body":{body}}}"#)
}

const HEADERS: &str = r#"{"x-GitHub-EVENT":"workflow_job","X-GitHub-Delivery":"d-1"}"#;

const BODY: &str = r#"{"action":"in_progress","workflow_job":{"id":7,"run_id":3,"labels":["linux"],
    "created_at":"2026-01-31T12:00:00Z","started_at":"2026-01-31T12:00:30Z","runner_id":5,
    "runner_name":"r-5"},"repository":{"full_name":"octo/cat"}}"#;

fn event(past: Result<Past, Malformed>) -> PastEvent {
    match past {
        Ok(Past::Job(past)) => *past,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_body_is_an_object_or_the_text_that_was_sent() {
    let text = serde_json::to_string(BODY).unwrap();
    let sent =
        form_urlencoded::Serializer::new(String::new()).append_pair("payload", BODY).finish();
    let form = serde_json::to_string(&sent).unwrap();
    let [object, json, form] =
        [BODY, &text, &form].map(|body| event(webhook::read(&job_line(HEADERS, body))));
    assert_eq!((&object, &object), (&json, &form));
    assert_eq!((object.event.key.job, object.event.phase), (7, Phase::InProgress));
}

#[test]
fn a_receipt_that_nobody_noted_is_the_events_own_time() {
    let own = event(webhook::read(&job_line(HEADERS, BODY)));
    assert_eq!(own.received_at.to_string(), "2026-01-31T12:00:30Z");
    assert!(!own.is_receipt_known);
    let noted =
        job_line(HEADERS, BODY).replacen('{', r#"{"received_at":"2026-01-31T12:01:00Z","#, 1);
    let noted = event(webhook::read(&noted));
    assert_eq!(noted.received_at.to_string(), "2026-01-31T12:01:00Z");
    assert!(noted.is_receipt_known);
}

#[test]
fn a_webhook_that_cannot_be_read_says_what_was_expected() {
    let run = r#"{"X-GitHub-Event":"workflow_run"}"#;
    for (line, expected) in [
        ("{", "expected {\"headers\""),
        ("[]", "expected {\"headers\""),
        (&job_line("{}", BODY), "X-GitHub-Event"),
        (&job_line(HEADERS, "7"), "body is 7; expected the payload"),
        (&job_line(HEADERS, r#""a=b""#), "no field named payload"),
        (&job_line(HEADERS, "{}"), "action"),
        (&job_line(HEADERS, r#"{"action":"queued","workflow_job":{"id":7}}"#), "no time"),
        (&job_line(run, r#"{"action":"completed"}"#), "X-GitHub-Delivery"),
        (
            &job_line(HEADERS, BODY).replacen('{', r#"{"received_at":"noon","#, 1),
            "received_at is noon; expected an RFC 3339 time",
        ),
    ] {
        let told = webhook::read(line).unwrap_err().to_string();
        assert!(told.contains(expected), "{line} gives {told}");
    }
}

#[test]
fn headers_may_be_lists_and_other_events_are_told_apart() {
    let headers = r#"{"x-github-event":["ping"],"host":1}"#;
    assert_eq!(webhook::read(&job_line(headers, "{}")), Ok(Past::Unused));
    let push = r#"{"X-GitHub-Event":"push"}"#;
    assert_eq!(webhook::read(&job_line(push, "{}")), Ok(Past::Unused));
}

#[test]
fn a_run_is_dated_by_its_own_stamp() {
    let headers = r#"{"X-GitHub-Event":"workflow_run","X-GitHub-Delivery":"d-2"}"#;
    let body = r#"{"action":"completed","workflow_run":{"updated_at":"2026-01-31T12:00:00Z"}}"#;
    let Ok(Past::Run { received_at, .. }) = webhook::read(&job_line(headers, body)) else {
        panic!("a run was expected")
    };
    assert_eq!(received_at.to_string(), "2026-01-31T12:00:00Z");
}

/// A line as headroom writes it, with these metrics and members.
#[expect(clippy::needless_pass_by_value, reason = "members are written where they are passed")]
fn emf_line(
    at: i64,
    sets: &serde_json::Value,
    metrics: &[&str],
    members: serde_json::Value,
) -> String {
    let metrics: Vec<_> = metrics.iter().map(|name| json!({"Name": name})).collect();
    let directive =
        json!({"Namespace": catalogue::NAMESPACE, "Dimensions": sets, "Metrics": metrics});
    let mut line = json!({"_aws": {"Timestamp": at, "CloudWatchMetrics": [directive]}});
    line.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    line.to_string()
}

fn completed_line() -> String {
    let events = catalogue::JOB_EVENTS.0.name;
    emf_line(
        1_767_603_600_123,
        &json!([["Pool", "Status"], ["Status"]]),
        &[events],
        json!({
            "Pool": "gpu", "Status": "completed", "Conclusion": "failure", events: 1, "job_id": 7,
            "run_id": 3, "run_attempt": 2, "repository": "octo/cat", "job_name": "deploy",
            "labels": ["Linux", "gpu"], "completed_at": "2026-01-05T09:00:00Z",
        }),
    )
}

#[test]
fn our_line_of_an_event_becomes_that_event() {
    let past = event(emf::read(&completed_line()));
    assert_eq!(past.received_at.as_millis(), 1_767_603_600_123);
    assert_eq!(past.pool.as_deref(), Some("gpu"));
    assert_eq!((past.event.key.job, past.event.key.attempt), (7, 2));
    assert_eq!(past.event.conclusion, Some(Conclusion::Failure));
    assert_eq!(past.event.labels, Labels::new(["gpu", "linux"]));
}

#[test]
fn an_export_to_s3_puts_a_time_before_each_line() {
    let line = format!("2026-01-05T09:00:00.123Z {}\n", completed_line());
    assert_eq!(emf::read(&line), emf::read(&completed_line()));
}

#[test]
fn lines_that_are_not_ours_are_told_apart_from_ours_that_are_damaged() {
    let whole = completed_line();
    for foreign in [
        "START RequestId: 1",
        "2026-01-05T09:00:00Z REPORT",
        "{\"level\":\"INFO\"}",
        "{\"_aws\":7}",
        &whole.replace(catalogue::NAMESPACE, "Somebody"),
        "",
    ] {
        assert_eq!(emf::read(foreign), Ok(Past::Foreign), "{foreign}");
    }
    for (damaged, expected) in [
        (&whole[..whole.len() - 9], "expected a whole JSON object"),
        (&whole.replace("\"completed\"", "\"done\""), "Status is done; expected waiting"),
        (&whole.replace("\"job_id\":7", "\"job_id\":\"7\""), "expected a line that headroom wrote"),
        (&whole.replace("2026-01-05T", "05.01.2026 "), "expected a line that headroom wrote"),
    ] {
        let told = emf::read(damaged).unwrap_err().to_string();
        assert!(told.contains(expected), "{damaged} gives {told}");
    }
}

#[test]
fn our_line_of_a_minute_becomes_what_was_counted() {
    let wait = catalogue::JOB_WAIT.0.name;
    for (value, len) in [
        (json!({"Values": [1, 9], "Counts": [3, 1], "Min": 1, "Max": 9}), 4),
        (json!([1, 1, 9]), 3),
        (json!(9), 1),
    ] {
        let members = json!({"Pool": "gpu", wait: value});
        let line = emf_line(1_767_603_600_000, &json!([["Pool"], []]), &[wait], members);
        let Ok(Past::Minute(records)) = emf::read(&line) else { panic!("{line}") };
        let Quantity::Distribution(histogram) = &records[0].points[0].quantity else {
            panic!("{records:?}")
        };
        assert_eq!((histogram.len(), histogram.max()), (len, Some(9)));
    }
}

#[test]
fn a_minute_that_holds_no_whole_numbers_is_malformed() {
    let wait = catalogue::JOB_WAIT.0.name;
    for value in [json!(-1), json!([1.5]), json!("9"), json!({"Values": [1], "Counts": []})] {
        let members = json!({"Pool": "gpu", wait: value});
        let line = emf_line(1_767_603_600_000, &json!([["Pool"], []]), &[wait], members);
        let told = emf::read(&line).unwrap_err().to_string();
        assert!(told.contains("expected whole numbers"), "{told}");
    }
}

#[test]
fn counts_of_single_events_without_a_job_are_not_kept() {
    let runs = catalogue::RUN_EVENTS.0.name;
    let members = json!({"Status": "completed", runs: 1});
    let line = emf_line(1_767_603_600_001, &json!([["Status"]]), &[runs], members);
    assert_eq!(emf::read(&line), Ok(Past::Unused));
}

#[test]
fn what_is_told_of_a_bad_line_is_one_short_line() {
    let long = format!("no\u{7}on {}", "x".repeat(100_000));
    let noted = json!({"headers": {}, "body": {}, "received_at": long}).to_string();
    let texts =
        [noted, json!(long).to_string(), json!({"headers": {}, "body": [long]}).to_string()];
    for text in texts {
        let told = webhook::read(&text).unwrap_err().to_string();
        assert!(told.len() < 400 && !told.chars().any(char::is_control), "{told}");
    }
}

#[test]
fn a_job_that_github_knows_no_more_is_told_apart_from_its_events() {
    use model::{JobKey, Timestamp, emf::Encoder};
    let (key, at) = (JobKey { job: 7, attempt: 2 }, Timestamp::from_millis(1_769_860_800_123));
    let record =
        crate::Observer::default().job_gone(key, "linux", crate::ledger::Stage::Running, at);
    let mut line = Vec::new();
    Encoder::default().write(&record, &mut line).unwrap();
    let line = String::from_utf8(line).unwrap();
    assert!(line.contains(r#""JobsExpired":1"#) && line.contains("in_progress"), "{line}");
    assert_eq!(emf::read(&line), Ok(Past::Gone { key, at }));
}
