//! Makes one honest history of the deliveries about a job, which repeat, reorder and vanish.
//!
//! A [`Job`] is the set of facts its deliveries stated, so the order in which they came does not
//! matter to it: [`fold`] takes one more in and says in a [`Transition`] what became known by that.
//!
//! The rules:
//! * A phase seen before changes nothing: a duplicate, whatever its delivery id.
//! * A phase earlier than one already seen adds its facts and reopens nothing; it is counted.
//! * A job has started once `in_progress` was seen, or `completed` with a runner.
//! * The wait runs from `created_at`; for a job that was held for approval from its `queued` event,
//!   and without that event it is unknown. Unknown waits are counted, never guessed.
//! * The duration runs from `started_at` to `completed_at` of a job that started.
//! * A negative interval counts as zero, and is counted.

mod job;
mod retell;

pub use job::{Interval, Job, Seen, Stage, Started};
pub use retell::{Receipts, retell};

use model::{Conclusion, JobEvent, Phase, Timestamp};

use crate::Route;

/// A queued job that hears nothing more leaves the levels after this time. GitHub fails a job that
/// no self-hosted runner took within 24 hours.
/// <https://docs.github.com/en/actions/reference/limits>
pub const QUEUE_AGE_MAX: std::time::Duration = std::time::Duration::from_hours(24);

/// A running job that hears nothing more leaves the levels after this time: a job runs at most
/// 5 days on a self-hosted runner.
/// <https://docs.github.com/en/actions/reference/limits>
pub const RUN_AGE_MAX: std::time::Duration = std::time::Duration::from_hours(5 * 24);

/// What one delivery made known about a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// What the event itself states.
    pub told: Told,
    /// When it was received.
    pub received_at: Timestamp,
    /// It is the first that is heard of this job.
    pub is_new: bool,
    /// It came after one of a later phase.
    pub out_of_order: bool,
    /// The wait, when it became known now.
    pub wait: Option<Interval>,
    /// The job turned out to have started now, and its wait is unknown.
    pub wait_unknown: bool,
    /// The duration, when it became known now.
    pub duration: Option<Interval>,
    /// From what happened at GitHub to the receipt of the news, where the event states it.
    pub lag: Option<Interval>,
}

/// What one event states about the course of its job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// How far the job has come.
    pub phase: Phase,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When it got its runner; in a `queued` event GitHub repeats `created_at`.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub completed_at: Option<Timestamp>,
    /// How it ended.
    pub conclusion: Option<Conclusion>,
}

impl Told {
    fn by(event: &JobEvent) -> Self {
        let JobEvent { phase, created_at, started_at, completed_at, conclusion, .. } = *event;
        Told { phase, created_at, started_at, completed_at, conclusion }
    }
}

/// Takes one more event into what is known of its job; `None` when it repeats a phase.
pub fn fold(
    before: Option<Job>,
    mut event: JobEvent,
    route: Route,
    received_at: Timestamp,
) -> Option<(Job, Transition)> {
    if before.as_ref().is_some_and(|job| job.seen.has(event.phase)) {
        return None;
    }
    let (wait_before, duration_before, started_before) = match &before {
        Some(job) => (job.wait(), job.duration(), job.has_started()),
        None => (None, None, false),
    };
    let is_new = before.is_none();
    let out_of_order = before.as_ref().is_some_and(|job| job.seen.any_after(event.phase));
    let told = Told::by(&event);
    let runner = (event.runner.take(), event.runner_group.take());
    let mut job = before.unwrap_or_else(|| Job::first_heard(event, route));
    job.take_in(&told, runner, received_at);
    let wait = job.wait().filter(|_| wait_before.is_none());
    let transition = Transition {
        told,
        received_at,
        is_new,
        out_of_order,
        wait,
        wait_unknown: job.has_started() && !started_before && job.wait().is_none(),
        duration: job.duration().filter(|_| duration_before.is_none()),
        lag: lag(&job, &told, received_at),
    };
    Some((job, transition))
}

/// What can be said of an event by whoever remembers no job. The wait is told by `in_progress`
/// alone, so that `completed` does not tell it again; and a job is new with its `queued` event, so
/// that what is counted once for each job is not counted with each event.
pub(crate) fn stateless(event: JobEvent, route: Route, at: Timestamp) -> (Job, Transition) {
    let (queued, completed) = (event.phase == Phase::Queued, event.phase == Phase::Completed);
    let (job, mut transition) =
        fold(None, event, route, at).expect("nothing was seen of a job that is not remembered");
    transition.is_new = queued;
    if completed {
        transition.wait = None;
        transition.wait_unknown = false;
    }
    (job, transition)
}

/// How late the news is. A job held for approval is announced long after it was created, which is
/// no fault of the delivery.
fn lag(job: &Job, told: &Told, received_at: Timestamp) -> Option<Interval> {
    let happened_at = match told.phase {
        Phase::Waiting => None,
        Phase::Queued if job.seen.has(Phase::Waiting) => None,
        Phase::Queued => told.created_at,
        Phase::InProgress => told.started_at,
        Phase::Completed => told.completed_at,
    };
    Some(Interval::between(happened_at?, received_at))
}

#[cfg(test)]
mod property;
#[cfg(test)]
mod tests;
