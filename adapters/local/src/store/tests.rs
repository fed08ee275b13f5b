//! What needs a look inside: plans of queries, and a disk that is really full.

use std::sync::Arc;

use ingest::{Content, Delivery, Rejection};
use model::catalogue::{DELIVERIES_REJECTED, JOB_EVENTS};
use model::{DeliveryId, JobEvent, JobKey, Labels, Phase, Repository, Timestamp};

use super::{Intake, Settings, Store, jobs, levels, prune};
use crate::{Answer, Meter, Reader, Writer, WriterSettings, plan};

#[test]
fn what_the_writer_asks_about_jobs_is_answered_by_indexes() {
    plan::check(&jobs::overdue_sql(), "jobs_open");
    plan::check(levels::LOAD, "jobs_open");
    plan::check(prune::OLD_JOBS, "jobs_closed");
    plan::check(prune::EMPTY_POOLS, "jobs_open");
    plan::check(prune::EMPTY_POOLS, "jobs_closed");
}

const NOW: Timestamp = Timestamp::from_secs(1_700_002_800);

fn queued(job: u64) -> Intake {
    let event = JobEvent {
        key: JobKey { job, attempt: 1 },
        phase: Phase::Queued,
        run: 1,
        repository: Repository("octo/cat".into()),
        // A page each, so that the limit is soon reached.
        name: "x".repeat(4000),
        workflow: None,
        branch: None,
        url: None,
        labels: Labels::new(["linux"]),
        created_at: Some(NOW),
        started_at: None,
        completed_at: None,
        conclusion: None,
        runner: None,
        runner_group: None,
    };
    let id = DeliveryId::new(&format!("delivery-{job}")).unwrap();
    let delivery = Delivery { id, content: Content::Job(Box::new(event)) };
    Intake { delivery, received_at: NOW }
}

/// A store whose disk takes a few pages more and then is full.
fn nearly_full(dir: &tempfile::TempDir, meter: &Arc<Meter>) -> Store {
    let path = dir.path().join("headroom.db");
    let store = Store::open(&path, Settings::default(), Arc::clone(meter)).unwrap();
    let pages: i64 =
        store.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    limit(&store, pages + 8);
    store
}

fn limit(store: &Store, pages: i64) {
    let set = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
    store.connection.pragma_update_and_check(None, "max_page_count", pages, set).unwrap();
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

#[test]
fn a_full_disk_is_answered_unavailable_and_loses_nothing_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let meter = Arc::default();
    let store = nearly_full(&dir, &meter);
    let settings = WriterSettings { queue_len: 10, ..WriterSettings::default() };
    let writer = Writer::start(store, settings).unwrap();
    let mut acknowledged = 0;
    let refused = loop {
        match block_on(writer.deliver(queued(acknowledged))) {
            Ok(answer) => assert_eq!(answer, Answer::Accepted),
            Err(rejection) => break rejection,
        }
        acknowledged += 1;
    };
    assert_eq!(refused, Rejection::StoreUnavailable);
    assert!(acknowledged > 0 && !writer.is_healthy());
    let reader = Reader::open(&dir.path().join("headroom.db")).unwrap();
    assert_eq!(reader.pools(NOW, &[]).unwrap()[0].waiting, acknowledged);
    assert_eq!(block_on(writer.deliver(queued(acknowledged))), Err(Rejection::StoreUnavailable));
}

#[test]
fn a_store_works_again_when_there_is_room_and_counts_once() {
    let dir = tempfile::tempdir().unwrap();
    let meter = Arc::default();
    let mut store = nearly_full(&dir, &meter);
    let batch: Vec<_> = (0..20).map(queued).collect();
    for _ in 0..3 {
        let rejected = ingest::Observer::default().rejected(&Rejection::StoreUnavailable, NOW);
        meter.observe(rejected);
        store.commit(&batch, NOW).unwrap_err();
    }
    limit(&store, 1_000_000);
    let taken = store.commit(&batch, NOW).unwrap();
    assert!(taken.iter().all(|taken| !taken.duplicate));
    let reader = Reader::open(&dir.path().join("headroom.db")).unwrap();
    let sum = |query| reader.series(&query, NOW, NOW.plus(std::time::Duration::from_mins(1)));
    assert_eq!(sum(JOB_EVENTS.sum()).unwrap(), [(NOW, 20.0)]);
    assert_eq!(sum(DELIVERIES_REJECTED.sum()).unwrap(), [(NOW, 3.0)]);
    assert_eq!(reader.pools(NOW, &[]).unwrap()[0].queued_total, 20);
}
