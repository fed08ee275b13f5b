//! What a row of a trace or a job of a store says, as a fact.

use ingest::Job;
use ingest::ledger::{QUEUE_AGE_MAX, RUN_AGE_MAX, Stage};
use ingest::past::trace::Row;
use local::Course;
use model::{Conclusion, JobKey, Phase, Timestamp, UNROUTED_POOL};
use scaler::capacity::{Batch, Fact, Fate, Name, Vocabulary};

/// A row of a trace: a job that ended and had a runner.
pub(super) fn of_row(row: &Row, words: &mut Vocabulary) -> Fact {
    let repository = row.repo.as_deref().unwrap_or_default();
    Fact {
        key: JobKey { job: row.job_id, attempt: 1 },
        run: row.run_id,
        pool: words.pools.number(&row.pool),
        repository: words.repositories.number(repository),
        workflow: Name::UNKNOWN,
        runner_group: Name::UNKNOWN,
        at: row.queued_at,
        asked_at: row.recorded_wait.map(|_| row.queued_at),
        started_at: Some(row.started_at()),
        ended_at: Some(row.completed_at()),
        fate: Fate::Ended,
        queued_unseen: false,
        in_progress_unseen: false,
        routed: row.pool != UNROUTED_POOL,
        name: 0..0,
        url: 0..0,
    }
}

/// A job of a store, as of the newest event.
pub(super) fn of_course(
    course: &Course<'_>,
    newest: Timestamp,
    words: &mut Vocabulary,
    batch: &mut Batch,
) -> Fact {
    let job = course.job;
    let fate = fate(job, newest);
    let asked_at = job.asks_since().filter(|_| fate != Fate::NeverAsked);
    let known = [asked_at, job.queued_received_at, job.started_at(), job.completed_at];
    let has_runner = job.has_started();
    let over = job.seen.has(Phase::Completed);
    Fact {
        key: job.key,
        run: job.run,
        pool: words.pools.number(course.pool),
        repository: words.repositories.number(course.repository),
        workflow: words.workflow(course.repository, course.workflow),
        runner_group: words.runner_groups.number(course.runner_group.unwrap_or_default()),
        at: known.into_iter().flatten().next().unwrap_or(job.updated_at),
        asked_at,
        started_at: job.started_at(),
        ended_at: job.completed_at,
        fate,
        queued_unseen: has_runner && !job.seen.has(Phase::Queued),
        in_progress_unseen: has_runner && over && !job.seen.has(Phase::InProgress),
        routed: job.routed,
        name: batch.keep(course.name),
        url: course.url.map_or(0..0, |url| batch.keep(url)),
    }
}

/// What became of a job. One of which nothing was heard for too long is lost, whether or not
/// somebody noticed while it was.
fn fate(job: &Job, newest: Timestamp) -> Fate {
    let silent_for = newest.saturating_since(job.updated_at);
    match job.stage() {
        Stage::Waiting if silent_for > QUEUE_AGE_MAX => Fate::Ghost,
        Stage::Waiting => Fate::Waiting,
        Stage::Running if silent_for > RUN_AGE_MAX => Fate::LostRunning,
        Stage::Running => Fate::Running,
        Stage::Expired if job.seen.has(Phase::InProgress) => Fate::LostRunning,
        Stage::Expired if job.seen.has(Phase::Queued) => Fate::Ghost,
        Stage::Held | Stage::Expired => Fate::NeverAsked,
        Stage::Done if job.has_started() => Fate::Ended,
        Stage::Done if job.conclusion == Some(Conclusion::Skipped) => Fate::NeverAsked,
        // Held back for approval and refused, or cancelled before it was queued.
        Stage::Done if job.seen.has(Phase::Waiting) && !job.seen.has(Phase::Queued) => {
            Fate::NeverAsked
        }
        Stage::Done => Fate::EndedWaiting,
    }
}
