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

/// The news that a job is queued, as it came then.
pub(crate) fn queued(job: u64, at: Timestamp) -> Intake {
    let event = JobEvent {
        key: JobKey { job, attempt: 1 },
        phase: Phase::Queued,
        run: 1,
        repository: Repository("octo/cat".into()),
        name: "build".into(),
        workflow: None,
        branch: None,
        url: None,
        labels: Labels::new(["linux", "self-hosted"]),
        created_at: Some(at),
        started_at: Some(at),
        completed_at: None,
        conclusion: None,
        runner: None,
        runner_group: None,
    };
    let id = DeliveryId::new(&format!("{job:08}-0000-4000-8000-000000000001")).unwrap();
    let delivery = Delivery { id, content: Content::Job(Box::new(event)) };
    Intake { delivery, received_at: at }
}

/// Leaves a store in which one job has waited for so long.
pub(crate) fn waiting_for(setup: &Setup, length: Duration) {
    let queued_at = now().minus(length);
    let mut store =
        Store::open(&setup.store(), local::Settings::default(), Arc::default()).unwrap();
    store.commit(&[queued(1, queued_at)], queued_at).unwrap();
    // The minutes since then are counted by who was there in them.
    store.commit(&[], now()).unwrap();
}
