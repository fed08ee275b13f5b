//! What a recorded line becomes, and what is said of one that cannot be read.

use super::*;

const JOB: &str = r#"{"action":"queued","workflow_job":{"id":7,"labels":["linux"],
    "created_at":"2026-01-05T09:00:00Z","started_at":"2026-01-05T09:00:00Z"}}"#;

fn line(headers: &str, body: &str, more: &str) -> String {
    format!(r#"{{"headers":{headers},"body":{}{more}}}"#, body.replace('\n', " "))
}

fn job(line: &str) -> PastEvent {
    match webhook::read(line) {
        Ok(Past::Job(event)) => *event,
        other => panic!("{line} became {other:?}"),
    }
}

#[test]
fn a_body_is_an_object_or_the_text_that_was_sent_json_or_form() {
    let headers = r#"{"X-GitHub-EVENT":["workflow_job"],"other":1}"#;
    let as_text = serde_json::to_string(JOB).unwrap();
    let form: String =
        form_urlencoded::Serializer::new(String::new()).append_pair("payload", JOB).finish();
    let as_form = serde_json::to_string(&form).unwrap();
    for body in [JOB, &as_text, &as_form] {
        let told = job(&line(headers, body, ""));
        assert_eq!((told.event.key.job, told.event.labels.to_string()), (7, "linux".into()));
    }
}

#[test]
fn the_receipt_is_what_was_noted_or_else_the_events_own_time() {
    let headers = r#"{"x-github-event":"workflow_job"}"#;
    let own = job(&line(headers, JOB, ""));
    assert_eq!(
        (own.received_at.to_string().as_str(), own.is_receipt_known),
        ("2026-01-05T09:00:00Z", false)
    );
    let noted = job(&line(headers, JOB, r#","received_at":"2026-01-05T09:00:03Z""#));
    assert_eq!(
        (noted.received_at.to_string().as_str(), noted.is_receipt_known),
        ("2026-01-05T09:00:03Z", true)
    );
}

#[test]
fn what_history_does_not_keep_is_unused_and_not_malformed() {
    for event in ["ping", "push"] {
        let headers = format!(r#"{{"x-github-event":"{event}"}}"#);
        assert_eq!(webhook::read(&line(&headers, "{}", "")), Ok(Past::Unused));
    }
}

#[test]
fn what_cannot_be_read_says_what_was_expected() {
    let job = r#"{"x-github-event":"workflow_job"}"#;
    let timeless = r#"{"action":"queued","workflow_job":{"id":7}}"#;
    for (text, expected) in [
        ("nonsense".to_owned(), "expected {\"headers\""),
        (line("{}", JOB, ""), "X-GitHub-Event"),
        (line(job, "7", ""), "body is 7; expected the payload"),
        (line(job, "{}", ""), "action"),
        (line(job, timeless, ""), "no time"),
        (line(job, JOB, r#","received_at":"noon""#), "received_at is noon; expected an RFC 3339"),
    ] {
        let error = webhook::read(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text} gives {error:?}, not {expected:?}");
    }
}
