//! An open job as it is written down: what the scaler asks for, and no more.

use ingest::ledger::{Job, Seen, Started};
use model::{JobKey, Labels, Phase, Repository, Timestamp};
use serde::{Deserialize, Serialize};

use super::Standing;

/// An open job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptJob {
    pub(super) key: JobKey,
    pool: String,
    routed: bool,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    repository: String,
    seen: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    queued_received_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    started: Option<KeptStart>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    runner: Option<String>,
    updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct KeptStart {
    at: Option<Timestamp>,
    by_in_progress: bool,
}

impl KeptJob {
    pub(super) fn of(job: &Job) -> Self {
        let start = |Started { at, by_in_progress }| KeptStart { at, by_in_progress };
        KeptJob {
            key: job.key,
            pool: job.pool.clone(),
            routed: job.routed,
            repository: job.repository.0.clone(),
            seen: job.seen.bits(),
            created_at: job.created_at,
            queued_received_at: job.queued_received_at,
            started: job.started.map(start),
            runner: job.runner.clone(),
            updated_at: job.updated_at,
        }
    }
}

impl From<KeptJob> for Job {
    fn from(kept: KeptJob) -> Job {
        let start = |KeptStart { at, by_in_progress }| Started { at, by_in_progress };
        Job {
            routed: kept.routed,
            seen: Seen::from_bits(kept.seen),
            created_at: kept.created_at,
            queued_received_at: kept.queued_received_at,
            started: kept.started.map(start),
            runner: kept.runner,
            ..bare(kept.key, kept.pool, kept.repository, kept.updated_at)
        }
    }
}

/// A job of which only its standing is known.
pub(super) fn standing(standing: Standing) -> Job {
    let Standing { key, pool, first_at, last_at, is_queued, started, repository } = standing;
    let phases = [(Phase::Queued, is_queued), (Phase::InProgress, started.is_some())];
    let seen = phases.into_iter().filter(|(_, is_seen)| *is_seen).map(|(phase, _)| phase);
    let start = || Started { at: Some(last_at), by_in_progress: true };
    Job {
        seen: seen.collect(),
        created_at: Some(first_at),
        queued_received_at: is_queued.then_some(first_at),
        started: started.is_some().then(start),
        runner: started.filter(|name| !name.is_empty()),
        ..bare(key, pool, repository, last_at)
    }
}

fn bare(key: JobKey, pool: String, repository: String, updated_at: Timestamp) -> Job {
    Job {
        key,
        run: 0,
        repository: Repository(repository),
        name: String::new(),
        workflow: None,
        branch: None,
        url: None,
        labels: Labels::new([""; 0]),
        pool,
        routed: true,
        seen: Seen::default(),
        created_at: None,
        queued_received_at: None,
        asked_at: None,
        started: None,
        completed_at: None,
        conclusion: None,
        runner: None,
        runner_group: None,
        updated_at,
        expired: false,
    }
}
