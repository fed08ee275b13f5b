//! One job, and the way to it from its number or its address at GitHub.

use dashboards::{Content, JobRow, JobState, JobStory, Launch, Moment, Reasons, Stretch};
use ingest::Job;
use ingest::ledger::Stage;
use local::{JobHistory, Kept, StoreError};
use model::{Phase, Timestamp};
use scaler::{Reason, summary};

use super::App;
use super::jobs::{row, state};

/// Jobs of a run that are looked at; a matrix has at most 256.
/// <https://docs.github.com/en/actions/reference/limits>
const RUN_MAX: u32 = 512;

/// Other jobs of the run on the page.
const SIBLINGS_MAX: usize = 50;

/// Decisions among which that which launched for a job is looked for.
const DECISIONS_MAX: u32 = 200;

/// A decision may be stamped a little before the news of the job that it answers.
const EARLY: std::time::Duration = std::time::Duration::from_secs(2);

/// The job that a number or an address names: its own, or the first of a run.
pub(in super::super) fn find(app: &App, text: &str) -> Result<Option<u64>, StoreError> {
    let number_after = |mark: &str| {
        let (_, rest) = text.rsplit_once(mark)?;
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest[..end].parse::<u64>().ok()
    };
    let plain = text.trim().trim_start_matches('#').parse::<u64>().ok();
    if let Some(id) = plain.or_else(|| number_after("/job/")).or_else(|| number_after("/jobs/"))
        && !app.reader.job(id)?.is_empty()
    {
        return Ok(Some(id));
    }
    let Some(run) = plain.or_else(|| number_after("/runs/")) else { return Ok(None) };
    Ok(app.reader.jobs_of_run(run, 1)?.first().map(|found| found.job.key.job))
}

pub(super) fn content(
    app: &App,
    (id, attempt): (u64, Option<u32>),
    now: Timestamp,
) -> Result<Content, StoreError> {
    let known = app.reader.job(id)?;
    let asked = known.iter().find(|one| attempt.is_none_or(|a| one.job.key.attempt == a));
    let Some(history) = known.last().filter(|_| attempt.is_none()).or(asked) else {
        let what = format!("No job {id} is known");
        let remedy = "It may be older than the retention, or its webhooks never came.";
        return Ok(Content::Missing(what, remedy.to_owned()));
    };
    let job = &history.job;
    let run = app.reader.jobs_of_run(job.run, RUN_MAX)?;
    let (attempts, siblings): (Vec<&JobHistory>, Vec<&JobHistory>) =
        run.iter().partition(|other| other.job.name == job.name);
    let launch = launch(app, job, now)?;
    let as_rows = |jobs: Vec<&JobHistory>| -> Vec<JobRow> {
        jobs.into_iter().map(|one| row(one.job.clone(), since(one), now)).collect()
    };
    let siblings = siblings.into_iter().filter(|other| other.job.key.attempt == job.key.attempt);
    Ok(Content::Job(Box::new(JobStory {
        row: row(job.clone(), since(history), now),
        run: job.run,
        branch: job.branch.clone(),
        runner_group: job.runner_group.clone(),
        moments: moments(history, launch.as_ref()),
        stretches: stretches(job, history),
        reasons: reasons(app, job, launch)?,
        attempts: as_rows(attempts),
        siblings: as_rows(siblings.take(SIBLINGS_MAX).collect()),
    })))
}

/// When a job entered its stage, as far as it is known.
fn since(history: &JobHistory) -> Timestamp {
    let job = &history.job;
    let since = match job.stage() {
        Stage::Done | Stage::Expired => history.closed_at,
        Stage::Running => history.running_since.or(job.started_at()),
        Stage::Waiting => job.queued_received_at,
        Stage::Held => job.created_at,
    };
    since.unwrap_or(job.updated_at)
}

/// The first decision after the job asked that raised the capacity of its pool.
fn launch(app: &App, job: &Job, now: Timestamp) -> Result<Option<Kept>, StoreError> {
    let Some(asked) = job.queued_received_at.or(job.asks_since()) else { return Ok(None) };
    let until = job.started_at().unwrap_or(now);
    let stretch = (asked.minus(EARLY), until);
    let kept = app.reader.decisions_between(Some(&job.pool), stretch, true, DECISIONS_MAX)?;
    Ok(kept.into_iter().rev().find(|kept| kept.plan.desired > kept.snapshot.fleet.desired))
}

fn reasons(app: &App, job: &Job, launch: Option<Kept>) -> Result<Option<Reasons>, StoreError> {
    let is_waiting = job.stage() == Stage::Waiting;
    let kept = match is_waiting {
        true => {
            let latest = app.scaling.decisions(Some(&job.pool), Timestamp::EPOCH, false, 1)?;
            latest.into_iter().next()
        }
        false => launch,
    };
    let Some(kept) = kept else { return Ok(None) };
    let ahead = match job.queued_received_at.filter(|_| is_waiting) {
        Some(since) => Some(app.reader.waiting_before(&job.pool, since)?),
        None => None,
    };
    Ok(Some(Reasons {
        ahead,
        decision: named(&kept),
        summary: summary(&kept.snapshot, &kept.plan, kept.is_real),
        sentences: kept.plan.because.iter().map(Reason::to_string).collect(),
    }))
}

fn named(kept: &Kept) -> Launch {
    Launch { pool: kept.snapshot.pool.clone(), at_ms: kept.at().as_millis() }
}

/// Everything that is known to have happened, in order of time.
fn moments(history: &JobHistory, launch: Option<&Kept>) -> Vec<Moment> {
    let job = &history.job;
    let mut moments = Vec::new();
    let mut add = |at: Option<Timestamp>, what: &str, note: String, decision: Option<Launch>| {
        let at_ms = at.map(Timestamp::as_millis);
        moments.push(Moment { at_ms, what: what.to_owned(), note, decision });
    };
    let was_held = job.seen.has(Phase::Waiting);
    if was_held {
        add(job.created_at, "Held for approval", String::new(), None);
    }
    if job.seen.has(Phase::Queued) || job.stage() == Stage::Waiting {
        let at = job.asks_since().or(job.queued_received_at);
        let note = news(at, job.queued_received_at);
        add(at, if was_held { "Approved and queued" } else { "Queued" }, note, None);
    } else if !was_held {
        add(job.created_at, "Created", "its queued event was not received".to_owned(), None);
    }
    if let Some(kept) = launch {
        let note = summary(&kept.snapshot, &kept.plan, kept.is_real);
        let what = if kept.is_real { "Capacity requested" } else { "Capacity would be requested" };
        add(Some(kept.at()), what, note, Some(named(kept)));
    }
    if job.has_started() {
        let runner = job.runner.as_ref().map(|runner| format!("on {runner}"));
        let notes = [runner, Some(news(job.started_at(), history.running_since))];
        let notes = notes.into_iter().flatten().filter(|note| !note.is_empty());
        add(job.started_at(), "Started", notes.collect::<Vec<_>>().join(", "), None);
    }
    match job.stage() {
        Stage::Done => {
            let ended = job.conclusion.map_or("", model::Conclusion::as_str).replace('_', " ");
            add(job.completed_at.or(history.closed_at), "Completed", ended, None);
        }
        Stage::Expired => {
            let note = "no news came for so long that it left the levels";
            add(history.closed_at, "Given up", note.to_owned(), None);
        }
        Stage::Held | Stage::Waiting | Stage::Running => {}
    }
    moments.sort_by_key(|moment| moment.at_ms.unwrap_or(i64::MIN));
    moments
}

/// How long the news of it took, where that is more than a moment.
fn news(at: Option<Timestamp>, received_at: Option<Timestamp>) -> String {
    let Some((at, received)) = at.zip(received_at) else { return String::new() };
    match received.saturating_since(at).as_secs() {
        0 => String::new(),
        secs => format!("the news came {secs} s later"),
    }
}

fn stretches(job: &Job, history: &JobHistory) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    let mut add = |what: &str, state: JobState, from: Option<Timestamp>, to: Option<Timestamp>| {
        if let Some(from) = from {
            let to_ms = to.map(|to| to.max(from).as_millis());
            let from_ms = from.as_millis();
            stretches.push(Stretch { what: what.to_owned(), state, from_ms, to_ms });
        }
    };
    let closed = job.completed_at.or(history.closed_at);
    let asks = job.asks_since().or(job.queued_received_at);
    if job.seen.has(Phase::Waiting) {
        add("held", JobState::Held, job.created_at, asks.or(closed));
    }
    let has_asked = asks.is_some() && job.stage() != Stage::Held;
    if has_asked && job.conclusion != Some(model::Conclusion::Skipped) {
        add("waiting", JobState::Waiting, asks, job.started_at().or(closed));
    }
    if job.has_started() {
        let ran = state(job.stage(), job.conclusion);
        add("running", ran, job.started_at(), closed);
    }
    stretches
}
