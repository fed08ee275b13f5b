//! What becomes of events when stdout fails; everything else is told by the stories of the binary.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ingest::Secrets;
use serde_json::{Value, json};

use super::*;
use crate::keys::Source;

const SECRET: &str = "a secret";
const AT: Timestamp = Timestamp::from_secs(1_800_000_000);

/// stdout that can break.
struct Output(Arc<AtomicBool>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.load(Ordering::Relaxed) {
            true => Err(io::ErrorKind::BrokenPipe.into()),
            false => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn webhook() -> (Webhook, Arc<AtomicBool>) {
    let mut settings = Settings::read(&|_| None).unwrap();
    settings.sources = vec![Source::Value(SECRET.into())];
    let is_broken = Arc::new(AtomicBool::new(false));
    (Webhook::new(settings, Box::new(Output(Arc::clone(&is_broken)))), is_broken)
}

fn headers(body: &str, delivery: &str) -> [(&'static str, String); 4] {
    let signature = Secrets::new(&[SECRET]).unwrap().sign(body.as_bytes()).unwrap();
    [
        ("x-github-event", "workflow_job".to_owned()),
        ("x-github-delivery", delivery.to_owned()),
        ("x-hub-signature-256", signature),
        ("content-type", "application/json".to_owned()),
    ]
}

fn queued(job: u64) -> String {
    json!({"action": "queued", "workflow_job": {"id": job, "labels": ["x"]}}).to_string()
}

fn event(event: &Value) -> Event {
    serde_json::from_str(&event.to_string()).unwrap()
}

fn request(body: &str, delivery: &str) -> Event {
    let headers: serde_json::Map<String, Value> = headers(body, delivery)
        .into_iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    event(&json!({"httpMethod": "POST", "headers": headers, "body": body}))
}

fn message(id: &str, body: &str) -> Value {
    let attributes = headers(body, id).map(|(name, value)| (name, json!({"stringValue": value})));
    let attributes: serde_json::Map<String, Value> =
        attributes.into_iter().map(|(name, value)| (name.into(), value)).collect();
    json!({"messageId": id, "eventSource": "aws:sqs", "body": body, "messageAttributes": attributes})
}

async fn told(webhook: &mut Webhook, event: Event) -> (u16, String) {
    match webhook.answer(event, AT).await {
        Answer::Http(_, reply) => (reply.status, reply.body),
        answer @ Answer::Queue(_) => panic!("{answer:?}"),
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn what_could_not_be_written_is_not_acknowledged_and_is_new_when_it_comes_again() {
    run(async {
        let (mut webhook, is_broken) = webhook();
        is_broken.store(true, Ordering::Relaxed);
        let (status, _) = told(&mut webhook, request(&queued(1), "d-1")).await;
        assert_eq!(status, 503);
        is_broken.store(false, Ordering::Relaxed);
        for expected in ["accepted", "duplicate"] {
            let (status, body) = told(&mut webhook, request(&queued(1), "d-1")).await;
            assert_eq!((status, body), (202, format!("{{\"outcome\":\"{expected}\"}}\n")));
        }
    });
}

#[test]
fn the_same_phase_of_a_job_is_a_repeat_whatever_its_delivery() {
    run(async {
        let (mut webhook, _) = webhook();
        for (delivery, expected) in [("d-1", "accepted"), ("d-2", "duplicate")] {
            let (_, body) = told(&mut webhook, request(&queued(1), delivery)).await;
            assert!(body.contains(expected), "{delivery}: {body}");
        }
    });
}

#[test]
fn a_batch_that_could_not_be_written_comes_again_whole() {
    run(async {
        let (mut webhook, is_broken) = webhook();
        let batch = || {
            let messages = [message("m-1", &queued(1)), message("m-2", "not json")];
            event(&json!({ "Records": messages }))
        };
        is_broken.store(true, Ordering::Relaxed);
        let failed = Answer::Queue(vec!["m-1".into(), "m-2".into()]);
        assert_eq!(webhook.answer(batch(), AT).await, failed);
        is_broken.store(false, Ordering::Relaxed);
        assert_eq!(webhook.answer(batch(), AT).await, Answer::Queue(vec![]));
    });
}
