//! What is known of one job: the facts its deliveries stated, and what follows from them.

use std::time::Duration;

use model::{Conclusion, JobEvent, JobKey, Labels, Phase, Repository, Timestamp};

use super::Told;
use crate::Route;

/// Which phases were seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen(u8);

impl Seen {
    /// From the stored bits; bits that mean nothing are dropped.
    pub const fn from_bits(bits: u8) -> Self {
        Seen(bits & 0b1111)
    }

    /// For storage.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether this phase was seen.
    pub const fn has(self, phase: Phase) -> bool {
        self.0 & (1 << phase as u8) != 0
    }

    /// Whether a later phase was seen.
    pub const fn any_after(self, phase: Phase) -> bool {
        self.0 >> (phase as u8 + 1) != 0
    }

    fn add(&mut self, phase: Phase) {
        self.0 |= 1 << phase as u8;
    }
}

impl FromIterator<Phase> for Seen {
    fn from_iter<I: IntoIterator<Item = Phase>>(phases: I) -> Self {
        let mut seen = Seen::default();
        phases.into_iter().for_each(|phase| seen.add(phase));
        seen
    }
}

/// When a job got its runner, and who says so. `in_progress` knows best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Started {
    /// GitHub's `started_at`, where the event has one.
    pub at: Option<Timestamp>,
    /// Whether `in_progress` said so, not only `completed`.
    pub by_in_progress: bool,
}

/// A length of time between two stated instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// The length; zero when the instants are reversed.
    pub length: Duration,
    /// Whether the instants are reversed.
    pub clamped: bool,
}

impl Interval {
    /// From `start` to `end`.
    pub fn between(start: Timestamp, end: Timestamp) -> Self {
        Interval { length: end.saturating_since(start), clamped: end < start }
    }
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Held back for approval: no demand yet.
    Held,
    /// Asking for a runner.
    Waiting,
    /// Has a runner.
    Running,
    /// Over.
    Done,
    /// Its next event never came.
    Expired,
}

/// What is known of one attempt at one job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Which one.
    pub key: JobKey,
    /// Its workflow run.
    pub run: u64,
    /// Where its workflow lives.
    pub repository: Repository,
    /// Its name.
    pub name: String,
    /// Its workflow's name.
    pub workflow: Option<String>,
    /// Its branch.
    pub branch: Option<String>,
    /// Its page, where that is not the usual one on github.com.
    pub url: Option<String>,
    /// What it asks for.
    pub labels: Labels,
    /// The pool it belongs to.
    pub pool: String,
    /// Whether a pool was found for it.
    pub routed: bool,
    /// Which phases were seen.
    pub seen: Seen,
    /// When it was created: the earliest that any event states.
    pub created_at: Option<Timestamp>,
    /// When its `queued` event was received: the ages of waiting jobs count from here.
    pub queued_received_at: Option<Timestamp>,
    /// When it began to ask after an approval, as its `queued` event tells.
    pub asked_at: Option<Timestamp>,
    /// When it got its runner.
    pub started: Option<Started>,
    /// When it was over.
    pub completed_at: Option<Timestamp>,
    /// How it ended.
    pub conclusion: Option<Conclusion>,
    /// The runner that has or had it.
    pub runner: Option<String>,
    /// The group of that runner.
    pub runner_group: Option<String>,
    /// When the last news of it was received.
    pub updated_at: Timestamp,
    /// Whether it left the levels because its next event never came.
    pub expired: bool,
}

impl Job {
    /// A job of which nothing is known yet but what it is.
    pub(super) fn first_heard(event: JobEvent, route: Route) -> Self {
        Job {
            key: event.key,
            run: event.run,
            repository: event.repository,
            name: event.name,
            workflow: event.workflow,
            branch: event.branch,
            url: event.url,
            labels: event.labels,
            pool: route.pool,
            routed: route.routed,
            seen: Seen::default(),
            created_at: None,
            queued_received_at: None,
            asked_at: None,
            started: None,
            completed_at: None,
            conclusion: None,
            runner: None,
            runner_group: None,
            updated_at: Timestamp::EPOCH,
            expired: false,
        }
    }

    /// Adds the facts of an event whose phase was not seen before. `runner` is the runner and its
    /// group, as the event has them.
    pub(super) fn take_in(
        &mut self,
        told: &Told,
        runner: (Option<String>, Option<String>),
        received_at: Timestamp,
    ) {
        self.seen.add(told.phase);
        self.created_at = earliest(self.created_at, told.created_at);
        self.updated_at = self.updated_at.max(received_at);
        match told.phase {
            Phase::Waiting => {}
            Phase::Queued => {
                self.queued_received_at = Some(received_at);
                self.asked_at = told.created_at.max(told.started_at);
            }
            Phase::InProgress => {
                let at = told.started_at.or(self.started_at());
                self.started = Some(Started { at, by_in_progress: true });
                self.had_by(runner, true);
            }
            Phase::Completed => {
                self.completed_at = told.completed_at;
                self.conclusion = told.conclusion;
                if had_runner(told.conclusion, runner.0.is_some()) {
                    let at = self.started_at().or(told.started_at);
                    let by_in_progress = self.started.is_some_and(|s| s.by_in_progress);
                    self.started = Some(Started { at, by_in_progress });
                }
                self.had_by(runner, false);
            }
        }
        // News of a job that was given up for lost makes it count again.
        self.expired = false;
    }

    fn had_by(&mut self, (runner, group): (Option<String>, Option<String>), knows_best: bool) {
        if knows_best || self.runner.is_none() {
            self.runner = runner.or_else(|| self.runner.take());
            self.runner_group = group.or_else(|| self.runner_group.take());
        }
    }

    /// Whether it is known to have got a runner.
    pub fn has_started(&self) -> bool {
        self.started.is_some()
    }

    /// When it got its runner, where an event states it.
    pub fn started_at(&self) -> Option<Timestamp> {
        self.started.and_then(|started| started.at)
    }

    /// From asking for a runner to getting one; `None` while unknown.
    pub fn wait(&self) -> Option<Interval> {
        Some(Interval::between(self.asks_since()?, self.started_at()?))
    }

    /// When it began to ask for a runner. `created_at` lies before an approval, so for a job that
    /// was held its `queued` event counts: by its own stamps where they are later than the job's
    /// creation, else by its receipt.
    pub fn asks_since(&self) -> Option<Timestamp> {
        if !self.seen.has(Phase::Waiting) {
            return self.created_at;
        }
        let received_at = self.queued_received_at?;
        self.asked_at.filter(|asked| Some(*asked) > self.created_at).or(Some(received_at))
    }

    /// How long it had its runner; `None` while unknown.
    pub fn duration(&self) -> Option<Interval> {
        Some(Interval::between(self.started_at()?, self.completed_at?))
    }

    /// Where it stands.
    pub fn stage(&self) -> Stage {
        if self.seen.has(Phase::Completed) {
            Stage::Done
        } else if self.expired {
            Stage::Expired
        } else if self.seen.has(Phase::InProgress) {
            Stage::Running
        } else if self.seen.has(Phase::Queued) {
            Stage::Waiting
        } else {
            Stage::Held
        }
    }
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    a.into_iter().chain(b).min()
}

/// Skipped jobs never had a runner, whatever their payload says; a job that succeeded had one.
fn had_runner(conclusion: Option<Conclusion>, is_named: bool) -> bool {
    match conclusion {
        Some(Conclusion::Skipped) => false,
        Some(Conclusion::Success) => true,
        _ => is_named,
    }
}
