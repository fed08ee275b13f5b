//! One real delivery from signed bytes to EMF lines, beside the HMAC that nothing can undercut.
//!
//! `cargo bench -p headroom-ingest`

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hmac::{Hmac, KeyInit, Mac};
use ingest::{Observer, Request, Router, Secrets, receive, stateless};
use model::Timestamp;
use model::emf::Encoder;
use sha2::Sha256;

const SECRET: &[u8] = b"It's a Secret to Everybody";

/// A job that started: it has a wait and the whole of a payload.
const BODY: &[u8] = include_bytes!("../../tests/fixtures/webhooks/workflow_job.in_progress.3.json");

fn delivery(c: &mut Criterion) {
    let secrets = Secrets::new(&[SECRET]).expect("one secret is allowed");
    let signature = secrets.sign(BODY).expect("there is a secret");
    let request = Request {
        event: Some("workflow_job"),
        delivery: Some("72d3162e-cc78-11e3-81ab-4c9367dc0958"),
        signature: Some(&signature),
        content_type: Some("application/json"),
        body: BODY,
    };
    let mut group = c.benchmark_group("delivery");
    group.throughput(Throughput::Bytes(BODY.len() as u64));

    let key = Hmac::<Sha256>::new_from_slice(SECRET).expect("any key is allowed");
    group.bench_function("HMAC-SHA256 alone", |b| {
        b.iter(|| key.clone().chain_update(black_box(BODY)).finalize().into_bytes());
    });
    group.bench_function("verify", |b| {
        b.iter(|| secrets.verify(request.signature, black_box(BODY)).is_ok());
    });
    group.bench_function("verify and parse", |b| {
        b.iter(|| receive(black_box(&request), &secrets).expect("the delivery is genuine"));
    });
    let (observer, encoder) = (Observer::default(), Encoder::default());
    let mut router = Router::new(Vec::new(), []);
    let mut lines = Vec::new();
    group.bench_function("verify, parse, route, EMF", |b| {
        b.iter(|| {
            let delivery = receive(black_box(&request), &secrets).expect("it is genuine");
            let at = Timestamp::from_secs(1_700_000_000);
            lines.clear();
            for record in stateless(delivery, at, &mut router, &observer) {
                encoder.write(&record, &mut lines).expect("all dimensions are there");
            }
            lines.len()
        });
    });
    group.finish();
}

criterion_group!(benches, delivery);
criterion_main!(benches);
