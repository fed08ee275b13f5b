//! Lists of jobs.

use dashboards::{Content, JobFilter, JobList, JobRow, JobState, Page, Span};
use ingest::Job;
use ingest::ledger::Stage;
use local::{JobView, StoreError, Wanted};
use model::{Conclusion, Timestamp};

use super::{App, as_millis};

/// Jobs on a page of the list.
const ROWS_MAX: u32 = 100;

pub(super) fn content(
    app: &App,
    page: &Page,
    missed: Option<&str>,
    now: Timestamp,
) -> Result<Content, StoreError> {
    let view = &page.view;
    let wanted = Wanted { pool: view.pool.as_deref(), repository: view.repository.as_deref() };
    let (from_ms, to_ms) = view.span.bounds_ms(page.now_ms);
    let before_ms = view.listing.before_ms;
    // What is open is so now: it belongs to no stretch of the past, and to no later page.
    let is_now = matches!(view.span, Span::Last(_)) || to_ms >= page.now_ms;
    let with = |state| view.listing.state.is_none_or(|filter| filter == state);
    let with_open = |state| with(state) && is_now && before_ms.is_none();
    let mut left_out = 0;
    let mut views = Vec::new();
    if with_open(JobFilter::Waiting) {
        let waiting = app.reader.waiting(wanted, ROWS_MAX)?;
        left_out += left(app, wanted, waiting.len(), |pool| pool.waiting)?;
        views.extend(waiting);
    }
    if with_open(JobFilter::Running) {
        let running = app.reader.running(wanted, ROWS_MAX)?;
        left_out += left(app, wanted, running.len(), |pool| pool.running)?;
        views.extend(running);
    }
    let mut older_ms = None;
    if with(JobFilter::Done) {
        let before =
            Timestamp::from_millis(before_ms.unwrap_or(i64::MAX).min(to_ms.saturating_add(1)));
        let mut done = app.reader.done(wanted, before, ROWS_MAX)?;
        done.retain(|view| view.since.as_millis() >= from_ms);
        older_ms = (done.len() >= ROWS_MAX as usize)
            .then(|| done.last().map(|view| view.since.as_millis()))
            .flatten();
        views.extend(done);
    }
    Ok(Content::Jobs(JobList {
        not_found: missed.map(str::to_owned),
        rows: rows(views, now),
        older_ms,
        left_out,
    }))
}

/// Open jobs that are not listed; of one repository they are not counted.
fn left(
    app: &App,
    wanted: Wanted<'_>,
    listed: usize,
    of: impl Fn(&local::PoolView) -> u64,
) -> Result<u64, StoreError> {
    if listed < ROWS_MAX as usize || wanted.repository.is_some() {
        return Ok(0);
    }
    let pools = app.reader.pools(app.clock.now(), &[])?;
    let chosen = pools.iter().filter(|pool| wanted.pool.is_none_or(|name| name == pool.name));
    Ok(chosen.map(of).sum::<u64>().saturating_sub(listed as u64))
}

/// Jobs that started or ended last.
pub(super) fn recent(
    app: &App,
    wanted: Wanted<'_>,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<JobRow>, StoreError> {
    let views = match wanted.repository {
        None => app.reader.recent(wanted.pool, limit)?,
        Some(_) => {
            let mut views = app.reader.running(wanted, limit)?;
            views.extend(app.reader.done(wanted, Timestamp::from_millis(i64::MAX), limit)?);
            views.sort_by_key(|view| std::cmp::Reverse((view.since, view.job.key)));
            views.truncate(limit as usize);
            views
        }
    };
    Ok(rows(views, now))
}

pub(super) fn rows(views: Vec<JobView>, now: Timestamp) -> Vec<JobRow> {
    views.into_iter().map(|view| row(view.job, view.since, now)).collect()
}

pub(super) fn row(job: Job, since: Timestamp, now: Timestamp) -> JobRow {
    let stage = job.stage();
    let so_far = |running: bool| running.then(|| as_millis(now.saturating_since(since)));
    let waited = job.wait().map(|wait| as_millis(wait.length));
    let ran = job.duration().map(|duration| as_millis(duration.length));
    JobRow {
        key: format!("{}-{}", job.key.job, job.key.attempt),
        id: job.key.job,
        attempt: job.key.attempt,
        waited_ms: waited.or_else(|| so_far(stage == Stage::Waiting)),
        ran_ms: ran.or_else(|| so_far(stage == Stage::Running)),
        url: Some(
            job.url
                .clone()
                .unwrap_or_else(|| model::github_url(&job.repository, job.run, job.key.job)),
        ),
        state: state(stage, job.conclusion),
        labels: job.labels.iter().map(str::to_owned).collect(),
        name: job.name,
        workflow: job.workflow,
        repository: job.repository.0,
        pool: job.pool,
        runner: job.runner,
        changed_at_ms: since.as_millis(),
    }
}

pub(super) fn state(stage: Stage, conclusion: Option<Conclusion>) -> JobState {
    match (stage, conclusion) {
        (Stage::Held, _) => JobState::Held,
        (Stage::Waiting, _) => JobState::Waiting,
        (Stage::Running, _) => JobState::Running,
        (Stage::Expired, _) => JobState::Other("no news".into()),
        (Stage::Done, Some(Conclusion::Success)) => JobState::Success,
        (Stage::Done, Some(Conclusion::Failure)) => JobState::Failure,
        (Stage::Done, Some(Conclusion::Cancelled)) => JobState::Cancelled,
        (Stage::Done, Some(Conclusion::TimedOut)) => JobState::TimedOut,
        (Stage::Done, Some(Conclusion::Skipped)) => JobState::Skipped,
        (Stage::Done, other) => {
            JobState::Other(other.unwrap_or(Conclusion::Other).as_str().replace('_', " "))
        }
    }
}
