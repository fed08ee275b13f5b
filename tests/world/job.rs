//! A job and what GitHub says of it: the real payload of each phase, with other facts in it.

use std::time::Duration;

use model::{Phase, Timestamp};
use serde_json::{Value, json};

use super::{Delivery, fixture};

/// Nine in the morning of some Monday: when jobs are created unless they say otherwise.
pub(crate) const NINE: Timestamp = Timestamp::from_secs(1_767_603_600);

/// A job's whole life. Seconds may be negative, as GitHub's sometimes are.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: u64,
    attempt: u32,
    labels: Vec<String>,
    repository: String,
    name: String,
    created_at: Timestamp,
    wait_secs: i64,
    run_secs: i64,
    conclusion: String,
    runner: Option<String>,
}

impl Job {
    /// Created at [`NINE`], waits 10 s, runs for a minute and succeeds.
    pub(crate) fn new(id: u64) -> Self {
        Job {
            id,
            attempt: 1,
            labels: vec!["self-hosted".into(), "linux".into()],
            repository: "octo/cat".into(),
            name: format!("build {id}"),
            created_at: NINE,
            wait_secs: 10,
            run_secs: 60,
            conclusion: "success".into(),
            runner: Some("runner-1".into()),
        }
    }

    pub(crate) fn labels(mut self, labels: &[&str]) -> Self {
        self.labels = labels.iter().map(|label| (*label).to_owned()).collect();
        self
    }

    pub(crate) fn attempt(mut self, attempt: u32) -> Self {
        self.attempt = attempt;
        self
    }

    pub(crate) fn repository(mut self, repository: &str) -> Self {
        repository.clone_into(&mut self.repository);
        self
    }

    pub(crate) fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    pub(crate) fn created_at(mut self, at: Timestamp) -> Self {
        self.created_at = at;
        self
    }

    pub(crate) fn waits(mut self, secs: i64) -> Self {
        self.wait_secs = secs;
        self
    }

    pub(crate) fn runs(mut self, secs: i64) -> Self {
        self.run_secs = secs;
        self
    }

    /// How it ends; with no runner when it never had one.
    pub(crate) fn ends(mut self, conclusion: &str, runner: Option<&str>) -> Self {
        conclusion.clone_into(&mut self.conclusion);
        self.runner = runner.map(str::to_owned);
        self
    }

    pub(crate) fn waiting(&self) -> Delivery {
        self.tell(Phase::Waiting)
    }

    pub(crate) fn queued(&self) -> Delivery {
        self.tell(Phase::Queued)
    }

    pub(crate) fn in_progress(&self) -> Delivery {
        self.tell(Phase::InProgress)
    }

    pub(crate) fn completed(&self) -> Delivery {
        self.tell(Phase::Completed)
    }

    /// Its usual life, in order.
    pub(crate) fn life(&self) -> [Delivery; 3] {
        [self.queued(), self.in_progress(), self.completed()]
    }

    /// When it got its runner.
    pub(crate) fn started_at(&self) -> Timestamp {
        later(self.created_at, self.wait_secs)
    }

    /// When it was over.
    pub(crate) fn completed_at(&self) -> Timestamp {
        later(self.started_at(), self.run_secs)
    }

    /// Its wait as `started_at - created_at` says.
    pub(crate) fn wait_secs(&self) -> u64 {
        self.wait_secs.max(0).unsigned_abs()
    }

    fn tell(&self, phase: Phase) -> Delivery {
        let sample = match phase {
            Phase::Waiting => "workflow_job.waiting.1",
            Phase::Queued => "workflow_job.queued.1",
            Phase::InProgress => "workflow_job.in_progress.3",
            Phase::Completed => "workflow_job.completed.2",
        };
        let guid = format!("{:08x}-{:04x}-4000-8000-{:012x}", phase as u8, self.attempt, self.id);
        fixture(sample).again_as(&guid).edited(|payload| self.write_into(payload, phase))
    }

    fn write_into(&self, payload: &mut Value, phase: Phase) {
        let has_runner = phase >= Phase::InProgress && self.runner.is_some();
        let is_over = phase == Phase::Completed;
        let started_at =
            if phase >= Phase::InProgress { self.started_at() } else { self.created_at };
        let when = |yes: bool, value: Value| if yes { value } else { Value::Null };
        let facts = json!({
            "id": self.id,
            "run_id": self.id / 10 + 1,
            "run_attempt": self.attempt,
            "status": phase.as_str(),
            "conclusion": when(is_over, json!(self.conclusion)),
            "created_at": self.created_at,
            "started_at": started_at,
            "completed_at": when(is_over, json!(self.completed_at())),
            "name": self.name,
            "labels": self.labels,
            "runner_id": when(has_runner, json!(7)),
            "runner_name": when(has_runner, json!(self.runner)),
            "runner_group_id": when(has_runner, json!(1)),
            "runner_group_name": when(has_runner, json!("Default")),
        });
        let job = payload["workflow_job"].as_object_mut().unwrap();
        job.extend(facts.as_object().unwrap().clone());
        payload["repository"]["full_name"] = json!(self.repository);
    }
}

fn later(at: Timestamp, secs: i64) -> Timestamp {
    let by = Duration::from_secs(secs.unsigned_abs());
    if secs < 0 { at.minus(by) } else { at.plus(by) }
}
