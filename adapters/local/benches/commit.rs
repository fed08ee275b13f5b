//! What durability costs: batches of fresh `queued` events, beside the same number of rows in a
//! bare table with the same settings; and opening a store with a long history.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ingest::{Content, Delivery};
use local::{Intake, Settings, Store};
use model::{Conclusion, DeliveryId, JobEvent, JobKey, Labels, Phase, Repository, Timestamp};
use rusqlite::{Connection, params};

const NOW: Timestamp = Timestamp::from_secs(1_700_002_800);

fn intake(job: u64, phase: Phase) -> Intake {
    let is_over = phase == Phase::Completed;
    let event = JobEvent {
        key: JobKey { job, attempt: 1 },
        phase,
        run: job / 4,
        repository: Repository(format!("octo/repository-{}", job % 50)),
        name: "build (ubuntu-22.04, stable)".into(),
        workflow: Some("ci".into()),
        branch: Some("main".into()),
        url: None,
        labels: Labels::new([
            "self-hosted",
            "linux",
            ["x64", "arm64"][usize::from(job.is_multiple_of(2))],
        ]),
        created_at: Some(NOW),
        started_at: Some(NOW.plus(Duration::from_secs(job % 300))),
        completed_at: is_over.then(|| NOW.plus(Duration::from_mins(15))),
        conclusion: is_over.then_some(Conclusion::Success),
        runner: is_over.then(|| format!("runner-{}", job % 100)),
        runner_group: None,
    };
    let id = DeliveryId::new(&format!("{job:08x}-0000-4000-8000-{:012x}", phase as u8));
    let delivery =
        Delivery { id: id.expect("a GUID is an id"), content: Content::Job(Box::new(event)) };
    Intake { delivery, received_at: NOW }
}

/// Fresh events: every batch is of new jobs.
fn batches(criterion: &mut Criterion) {
    let dir = tempfile::tempdir().expect("there is room for a store");
    let mut store =
        Store::open(&dir.path().join("headroom.db"), Settings::default(), Arc::default())
            .expect("an empty directory takes a store");
    let mut bare = bare_table(&dir.path().join("bare.db"));
    let mut next = 0;
    let mut group = criterion.benchmark_group("commit");
    group.sample_size(20).measurement_time(Duration::from_secs(4));
    for len in [1, 64, 1024_u64] {
        let mut fresh = || {
            next += len;
            (next - len..next).map(|job| intake(job, Phase::Queued)).collect::<Vec<_>>()
        };
        group.throughput(Throughput::Elements(len));
        group.bench_function(BenchmarkId::new("store", len), |bencher| {
            let commit = |batch: Vec<Intake>| store.commit(&batch, NOW).expect("there is room");
            bencher.iter_batched(&mut fresh, commit, BatchSize::PerIteration);
        });
        group.bench_function(BenchmarkId::new("bare_table", len), |bencher| {
            bencher.iter_batched(
                &mut fresh,
                |batch| insert(&mut bare, &batch),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

fn bare_table(path: &std::path::Path) -> Connection {
    let connection = Connection::open(path).expect("an empty directory takes a file");
    connection
        .execute_batch(
            "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;
             CREATE TABLE events (id INTEGER PRIMARY KEY, name TEXT NOT NULL);",
        )
        .expect("a new file takes a table");
    connection
}

fn insert(connection: &mut Connection, batch: &[Intake]) {
    let transaction = connection.transaction().expect("nobody else writes");
    for intake in batch {
        transaction
            .prepare_cached("INSERT INTO events (name) VALUES (?1)")
            .and_then(|mut statement| statement.execute(params![intake.delivery.id.as_str()]))
            .expect("there is room");
    }
    transaction.commit().expect("there is room");
}

/// Memory is rebuilt from what is open, so a long history must not slow a start down.
fn opening(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("open");
    group.sample_size(20);
    for thousands in [0, 100] {
        let dir = tempfile::tempdir().expect("there is room for a store");
        let path = dir.path().join("headroom.db");
        let open =
            || Store::open(&path, Settings::default(), Arc::default()).expect("it was written");
        let mut store = open();
        for thousand in 0..thousands {
            let batch: Vec<_> =
                (0..1000).map(|n| intake(thousand * 1000 + n, Phase::Completed)).collect();
            store.commit(&batch, NOW).expect("there is room");
        }
        drop(store);
        group.bench_function(BenchmarkId::new("closed_jobs", thousands * 1000), |bencher| {
            bencher.iter(|| black_box(open()));
        });
    }
    group.finish();
}

criterion_group!(benches, batches, opening);
criterion_main!(benches);
