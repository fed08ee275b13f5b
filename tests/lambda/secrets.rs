//! Secrets that are kept elsewhere. What depends on their age is told in `adapters/lambda` (`keys`),
//! where time is a value.

use serde_json::Value;

use crate::world::{Extension, Function, Job, SECRET, SESSION_TOKEN};

fn function(extension: &Extension) -> Function {
    Function::new()
        .var("HEADROOM_WEBHOOK_SECRET", "")
        .var("AWS_SESSION_TOKEN", SESSION_TOKEN)
        .var("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", &extension.port.to_string())
}

fn status(answer: &Value) -> u64 {
    answer["statusCode"].as_u64().unwrap()
}

#[test]
fn a_secret_is_read_with_the_first_delivery_and_kept() {
    for (from, hold) in [
        ("ssm:/headroom/webhook", Extension::parameter as fn(&Extension, &str, &str)),
        ("secretsmanager:webhook", Extension::secret),
    ] {
        let extension = Extension::start();
        hold(&extension, from.split_once(':').unwrap().1, SECRET);
        let sandbox = function(&extension).var("HEADROOM_WEBHOOK_SECRET_FROM", from).start();
        for id in 1..=20 {
            assert_eq!(status(&sandbox.send(&Job::new(id).queued().signed(SECRET))), 202, "{from}");
        }
        assert_eq!(extension.asked(), 1);
    }
}

/// What one failed look at the start did to the incumbent: every later delivery was refused.
#[test]
fn a_look_that_fails_is_answered_503_and_not_remembered() {
    let extension = Extension::start();
    extension.parameter("/headroom/webhook", SECRET);
    extension.fails(2);
    let from = ("HEADROOM_WEBHOOK_SECRET_FROM", "ssm:/headroom/webhook");
    let sandbox = function(&extension).var(from.0, from.1).start();
    for expected in [503, 503, 202] {
        let answer = sandbox.send(&Job::new(1).queued().signed(SECRET));
        assert_eq!(status(&answer), expected, "{answer}");
        let retry = &answer["headers"]["retry-after"];
        assert_eq!(retry.is_string(), expected == 503, "{answer}");
    }
    assert!(sandbox.log().iter().any(|line| line.contains("not ready to serve")));
}

#[test]
fn an_extension_that_is_not_there_is_the_worlds_fault() {
    let extension = Extension::start();
    let from = ("HEADROOM_WEBHOOK_SECRET_FROM", "ssm:/headroom/webhook");
    let nowhere = function(&extension).var(from.0, from.1);
    let nowhere = nowhere.var("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", "1").start();
    let request = Job::new(1).queued().signed(SECRET);
    assert_eq!(status(&nowhere.send(&request)), 503);
    assert!(nowhere.log().iter().any(|line| line.contains("cannot be asked")));
    let unproved = function(&extension).var(from.0, from.1).var("AWS_SESSION_TOKEN", "other");
    assert_eq!(status(&unproved.start().send(&request)), 503);
}

#[test]
fn both_secrets_of_a_rotation_are_valid_wherever_they_are_kept() {
    let extension = Extension::start();
    extension.parameter("/now", SECRET);
    extension.secret("next", "12345678");
    let sandbox = function(&extension)
        .var("HEADROOM_WEBHOOK_SECRET_FROM", "ssm:/now")
        .var("HEADROOM_WEBHOOK_SECRET_NEXT_FROM", "secretsmanager:next")
        .start();
    for (id, secret, expected) in
        [(1, SECRET, 202), (2, "12345678", 202), (3, "another", 401), (4, SECRET, 202)]
    {
        assert_eq!(status(&sandbox.send(&Job::new(id).queued().signed(secret))), expected);
    }
    assert_eq!(extension.asked(), 2, "a wrong signature asks again, but not at once");
}

#[test]
fn neither_secret_nor_token_is_ever_written() {
    let extension = Extension::start();
    extension.parameter("/now", SECRET);
    let sandbox = function(&extension)
        .var("HEADROOM_WEBHOOK_SECRET_FROM", "ssm:/now")
        .var("HEADROOM_WEBHOOK_SECRET_NEXT", "hunter2")
        .var("HEADROOM_LOG", "trace")
        .start();
    extension.fails(1);
    for secret in [SECRET, "hunter2", SECRET, "wrong"] {
        sandbox.send(&Job::new(1).queued().signed(secret));
    }
    let (stdout, stderr) = sandbox.end();
    assert!(stderr.contains("ssm:/now"), "the log says where it looked: {stderr}");
    for word in [SECRET, "hunter2", SESSION_TOKEN] {
        assert!(!stdout.contains(word) && !stderr.contains(word), "{word}: {stderr}");
    }
}
