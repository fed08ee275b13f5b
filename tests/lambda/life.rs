//! The life of a sandbox: nothing that invokes it ends it, and what keeps it from starting is told.

use serde_json::{Value, json};

use super::sent;
use crate::world::{Function, Job, Outcome, SECRET};

#[test]
fn an_event_of_no_door_is_a_bad_request_and_the_next_one_is_taken() {
    let sandbox = Function::new().start();
    let deep = format!("{{\"body\":{}{}}}", "[".repeat(100), "]".repeat(100));
    for event in [
        json!(null),
        json!([]),
        json!("POST"),
        json!({}),
        json!({"httpMethod": {"POST": 1}, "body": 7}),
        json!({"requestContext": {"http": {"method": {}}}}),
        json!({"Records": [{"EventSource": "aws:sns", "Sns": {"Message": "{}"}}]}),
        json!({"Records": [null]}),
        json!({"version": "0", "detail-type": "Scheduled Event", "source": "aws.events"}),
        serde_json::from_str::<Value>(&deep).unwrap(),
    ] {
        let answer = sandbox.invoke(&event);
        assert_eq!(answer["statusCode"], 400, "{event}: {answer}");
    }
    let answer = sandbox.send(&Job::new(1).queued().signed(SECRET));
    assert_eq!(answer["statusCode"], 202);
}

#[test]
fn an_event_that_is_no_json_fails_its_own_invocation_alone() {
    let sandbox = Function::new().start();
    let too_deep = "[".repeat(100_000);
    for bytes in [&b""[..], b"{", b"\xff\xfe", b"{\"body\":\"\\ud800\"}", too_deep.as_bytes()] {
        let outcome = sandbox.invoke_raw(bytes);
        assert!(matches!(outcome, Outcome::Error(_)), "{outcome:?}");
        let answer = sandbox.send(&Job::new(1).queued().signed("wrong"));
        assert_eq!(answer["statusCode"], 401);
    }
}

#[test]
fn a_repeat_is_known_in_its_sandbox_and_not_in_the_next() {
    let job = Job::new(1);
    for _ in 0..2 {
        let sandbox = Function::new().start();
        for expected in ["accepted", "duplicate"] {
            let answer = sandbox.send(&job.queued().signed(SECRET));
            assert_eq!(answer["body"], format!("{{\"outcome\":\"{expected}\"}}\n"));
        }
        let other = sent(&job.queued(), "another-delivery");
        assert!(sandbox.send(&other)["body"].as_str().unwrap().contains("duplicate"));
    }
}

#[test]
fn settings_that_make_no_sense_are_an_error_of_the_start() {
    for (name, value, expected) in [
        ("HEADROOM_POOLS", "linux", "a JSON list"),
        ("HEADROOM_WEBHOOK_SECRET_FROM", "ssm:/secret", "set one of them"),
        ("HEADROOM_ROLL_UPS", "team", "repository or article"),
    ] {
        let (told, code) = Function::new().var(name, value).start().fails();
        let told: Value = serde_json::from_str(&told).unwrap();
        let message = told["errorMessage"].as_str().unwrap();
        assert!(message.starts_with(name) && message.contains(expected), "{message}");
        assert_eq!((told["errorType"].as_str(), code), (Some("Headroom.Configuration"), Some(2)));
    }
}

#[test]
fn it_ends_when_the_runtime_api_goes_away_and_does_not_start_without_one() {
    let sandbox = Function::new().start();
    assert_eq!(sandbox.send(&Job::new(1).queued().signed(SECRET))["statusCode"], 202);
    assert_eq!(sandbox.left_alone(), Some(3));
    let ended = Function::outside_of_lambda();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    assert!(ended.stderr.contains("AWS_LAMBDA_RUNTIME_API"), "{}", ended.stderr);
}
