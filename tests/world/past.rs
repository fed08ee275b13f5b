//! A store in which something happened before the server was started.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ingest::{Content, Delivery};
use local::{Intake, Store};
use model::{DeliveryId, JobEvent, JobKey, Labels, Phase, Repository, Timestamp};

use super::Setup;

/// The present of this machine.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_secs(since.as_secs().cast_signed())
}

/// Leaves a store in which one job has waited for so long.
pub(crate) fn waiting_for(setup: &Setup, length: Duration) {
    let queued_at = now().minus(length);
    let event = JobEvent {
        key: JobKey { job: 1, attempt: 1 },
        phase: Phase::Queued,
        run: 1,
        repository: Repository("octo/cat".into()),
        name: "build".into(),
        workflow: None,
        branch: None,
        url: None,
        labels: Labels::new(["linux", "self-hosted"]),
        created_at: Some(queued_at),
        started_at: Some(queued_at),
        completed_at: None,
        conclusion: None,
        runner: None,
        runner_group: None,
    };
    let id = DeliveryId::new("00000001-0000-4000-8000-000000000001").unwrap();
    let delivery = Delivery { id, content: Content::Job(Box::new(event)) };
    let mut store =
        Store::open(&setup.store(), local::Settings::default(), Arc::default()).unwrap();
    store.commit(&[Intake { delivery, received_at: queued_at }], queued_at).unwrap();
    // The minutes since then are counted by who was there in them.
    store.commit(&[], now()).unwrap();
}
