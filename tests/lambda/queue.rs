//! Batches from SQS: what comes again, and what is counted.

use model::catalogue as c;
use serde_json::{Value, json};

use super::lines::read;
use super::sent;
use crate::world::{
    Extension, Function, Job, Queued, Request, SECRET, SESSION_TOKEN, batch, fixture,
};

/// The messages that the function wants again.
fn failed(answer: &Value) -> Vec<&str> {
    let failures = answer["batchItemFailures"].as_array().unwrap();
    failures.iter().map(|failure| failure["itemIdentifier"].as_str().unwrap()).collect()
}

#[test]
fn a_batch_is_counted_as_if_each_had_come_alone() {
    let jobs = || (1..=20_u32).map(|id| Job::new(id.into()).waits(i64::from(id)));
    let deliveries: Vec<_> = jobs().flat_map(|job| job.life()).collect();
    let alone = Function::new().start();
    for delivery in &deliveries {
        alone.send(&delivery.signed(SECRET));
    }
    let batched = Function::new().start();
    let requests: Vec<Request> =
        deliveries.iter().map(|delivery| delivery.signed(SECRET)).collect();
    for (n, requests) in requests.chunks(10).enumerate() {
        let how = if n % 2 == 0 { Queued::Attributes } else { Queued::Wrapped };
        let messages: Vec<_> = requests.iter().map(|request| ("m", request, how)).collect();
        assert!(failed(&batched.invoke(&batch(&messages))).is_empty());
    }
    let [alone, batched] = [alone, batched].map(|sandbox| read(&sandbox.end().0));
    for spec in c::ALL {
        assert_eq!(alone.sum(spec, &[]), batched.sum(spec, &[]), "{}", spec.name);
        assert_eq!(alone.sets(spec.name), batched.sets(spec.name), "{}", spec.name);
    }
    let waits = |emf: &crate::world::Emf| emf.values(c::JOB_WAIT.0.name).count();
    assert!(waits(&batched) < waits(&alone) / 2, "waits of a batch are one distribution");
    let told = |emf: &crate::world::Emf| emf.0.iter().filter(|l| l["job_id"].is_u64()).count();
    assert_eq!((told(&alone), told(&batched)), (60, 60), "each event keeps a line of its own");
}

#[test]
fn what_would_be_refused_again_does_not_come_again() {
    let sandbox = Function::new().start();
    let (job, run) = (Job::new(1), fixture("workflow_run.completed.1"));
    let requests = [
        job.queued().signed(SECRET),
        job.queued().signed(SECRET),
        job.queued().signed("wrong"),
        sent(&run, "run"),
        sent(&fixture("push.1"), "push"),
        sent(&fixture("ping.1"), "ping"),
        job.queued().signed(SECRET).body("nonsense"),
        sent(&job.queued().in_a_form(), "form"),
    ];
    let messages: Vec<_> = requests.iter().map(|r| ("m", r, Queued::Wrapped)).collect();
    let mut event = batch(&messages);
    let records = event["Records"].as_array_mut().unwrap();
    for body in ["", "nonsense", "{\"headers\":7,\"body\":{}}", "[]"] {
        records.push(json!({"messageId": "m", "eventSource": "aws:sqs", "body": body}));
    }
    records.push(json!({"eventSource": "aws:sqs"}));
    assert!(failed(&sandbox.invoke(&event)).is_empty());
    let emf = read(&sandbox.end().0);
    let count = |counter: model::Counter| emf.sum(counter.0, &[]);
    assert_eq!((count(c::JOB_EVENTS), count(c::RUN_EVENTS)), (1, 1));
    assert_eq!((count(c::DELIVERIES_DUPLICATE), count(c::DELIVERIES_IGNORED)), (2, 1));
    let rejected = |reason| emf.sum(c::DELIVERIES_REJECTED.0, &[("Reason", reason)]);
    assert_eq!((rejected("signature_wrong"), rejected("signature_missing")), (2, 5));
}

#[test]
fn what_cannot_be_verified_now_comes_again_and_the_rest_does_not() {
    let extension = Extension::start();
    extension.parameter("/next", "the next one");
    let sandbox = Function::new()
        .var("HEADROOM_WEBHOOK_SECRET_NEXT_FROM", "ssm:/next")
        .var("AWS_SESSION_TOKEN", SESSION_TOKEN)
        .var("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", &extension.port.to_string())
        .start();
    let [known, next] =
        [(1, SECRET), (2, "the next one")].map(|(id, secret)| Job::new(id).queued().signed(secret));
    extension.fails(1);
    let messages = [("a", &known, Queued::Attributes), ("b", &next, Queued::Attributes)];
    assert_eq!(failed(&sandbox.invoke(&batch(&messages))), ["b"]);
    let emf = read(&sandbox.end().0);
    assert_eq!(emf.sum(c::JOB_EVENTS.0, &[]), 1);
    assert_eq!(emf.sum(c::DELIVERIES_REJECTED.0, &[("Reason", "secret_unavailable")]), 1);
}

#[test]
fn a_batch_without_any_secret_comes_again_whole_until_there_is_one() {
    let extension = Extension::start();
    extension.parameter("/secret", SECRET);
    let sandbox = Function::new()
        .var("HEADROOM_WEBHOOK_SECRET", "")
        .var("HEADROOM_WEBHOOK_SECRET_FROM", "ssm:/secret")
        .var("AWS_SESSION_TOKEN", SESSION_TOKEN)
        .var("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", &extension.port.to_string())
        .start();
    let requests = [1, 2].map(|id| Job::new(id).queued().signed(SECRET));
    let messages = [("a", &requests[0], Queued::Attributes), ("b", &requests[1], Queued::Wrapped)];
    let event = batch(&messages);
    extension.fails(1);
    assert_eq!(failed(&sandbox.invoke(&event)), ["a", "b"]);
    assert_eq!(extension.asked(), 1, "for all of them");
    assert!(failed(&sandbox.invoke(&event)).is_empty());
    assert_eq!(read(&sandbox.end().0).sum(c::JOB_EVENTS.0, &[]), 2);
}
