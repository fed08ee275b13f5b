//! News of a job.

use model::{Conclusion, JobEvent, JobKey, Labels, Phase, Repository};

use super::scalar::{Scalar, cut, cut_to};
use super::{Fault, null, object};
use crate::json::Cursor;

/// Longer labels are cut; GitHub takes none that long.
const LABEL_BYTES_MAX: usize = 256;

/// A runner may carry at most 100 labels, and a job asks for fewer.
const LABELS_MAX: usize = 100;

/// What is used of a `workflow_job` payload.
pub(super) struct JobPayload<'a> {
    phase: Option<Phase>,
    id: u64,
    job: WorkflowJob<'a>,
    repository: Scalar<'a>,
}

#[derive(Default)]
struct WorkflowJob<'a> {
    id: Scalar<'a>,
    run_id: Scalar<'a>,
    run_attempt: Scalar<'a>,
    html_url: Scalar<'a>,
    status: Scalar<'a>,
    conclusion: Scalar<'a>,
    created_at: Scalar<'a>,
    started_at: Scalar<'a>,
    completed_at: Scalar<'a>,
    name: Scalar<'a>,
    workflow_name: Scalar<'a>,
    head_branch: Scalar<'a>,
    labels: Vec<Scalar<'a>>,
    runner_id: Scalar<'a>,
    runner_name: Scalar<'a>,
    runner_group_name: Scalar<'a>,
}

/// Reads the object that begins here.
///
/// # Errors
/// When it is no JSON, or lacks the action or the job's id.
pub(super) fn read<'a>(cursor: &mut Cursor<'a>) -> Result<JobPayload<'a>, Fault> {
    let (mut action, mut job, mut repository) = (Scalar::Nothing, None, Scalar::Nothing);
    cursor.members(|cursor, name| match name {
        "action" => Scalar::read(cursor).map(|read| action = read),
        "workflow_job" => workflow_job(cursor).map(|read| job = Some(read)),
        "repository" => full_name(cursor).map(|read| repository = read),
        _ => Ok(cursor.skip()?),
    })?;
    let phase = Phase::from_action(action.action()?);
    let job = job.ok_or(Fault::Shape("workflow_job is missing"))?;
    let Scalar::Number(id) = job.id else {
        return Err(Fault::Shape("workflow_job.id: a whole number was expected"));
    };
    Ok(JobPayload { phase, id, job, repository })
}

fn full_name<'a>(cursor: &mut Cursor<'a>) -> Result<Scalar<'a>, Fault> {
    let mut full_name = Scalar::Nothing;
    if null(cursor)? {
        return Ok(full_name);
    }
    object(cursor, "repository: an object was expected")?;
    cursor.members(|cursor, name| match name {
        "full_name" => Scalar::read(cursor).map(|read| full_name = read),
        _ => Ok(cursor.skip()?),
    })?;
    Ok(full_name)
}

fn workflow_job<'a>(cursor: &mut Cursor<'a>) -> Result<WorkflowJob<'a>, Fault> {
    let mut job = WorkflowJob::default();
    object(cursor, "workflow_job: an object was expected")?;
    cursor.members(|cursor, name| {
        let place = match name {
            "id" => &mut job.id,
            "run_id" => &mut job.run_id,
            "run_attempt" => &mut job.run_attempt,
            "html_url" => &mut job.html_url,
            "status" => &mut job.status,
            "conclusion" => &mut job.conclusion,
            "created_at" => &mut job.created_at,
            "started_at" => &mut job.started_at,
            "completed_at" => &mut job.completed_at,
            "name" => &mut job.name,
            "workflow_name" => &mut job.workflow_name,
            "head_branch" => &mut job.head_branch,
            "runner_id" => &mut job.runner_id,
            "runner_name" => &mut job.runner_name,
            "runner_group_name" => &mut job.runner_group_name,
            "labels" => return first_few(cursor).map(|read| job.labels = read),
            _ => return Ok(cursor.skip()?),
        };
        *place = Scalar::read(cursor)?;
        Ok(())
    })?;
    Ok(job)
}

/// The first [`LABELS_MAX`] of a list; the rest is read and not kept.
fn first_few<'a>(cursor: &mut Cursor<'a>) -> Result<Vec<Scalar<'a>>, Fault> {
    let mut few = Vec::new();
    if null(cursor)? {
        return Ok(few);
    }
    if cursor.peek() != Some(b'[') {
        cursor.skip()?;
        return Err(Fault::Shape("workflow_job.labels: a list was expected"));
    }
    cursor.items(|cursor| match few.len() < LABELS_MAX {
        true => Scalar::read(cursor).map(|read| few.push(read)),
        false => Ok(cursor.skip()?),
    })?;
    Ok(few)
}

impl JobPayload<'_> {
    /// `None` for an action that we do not know.
    pub(super) fn into_event(self) -> Option<JobEvent> {
        let job = self.job;
        let phase = match self.phase? {
            // GitHub also announces a job that waits for approval as `queued`; it is no demand yet.
            Phase::Queued if job.status.text() == Some("waiting") => Phase::Waiting,
            phase => phase,
        };
        let run = job.run_id.number().unwrap_or(0);
        let repository = self.repository.owned();
        let repository = Repository(repository.unwrap_or_else(|| "unknown".to_owned()));
        let attempt = job.run_attempt.number().and_then(|n| u32::try_from(n).ok());
        Some(JobEvent {
            key: JobKey { job: self.id, attempt: attempt.filter(|n| *n > 0).unwrap_or(1) },
            phase,
            run,
            url: job.html_url.text().and_then(|url| unusual_url(url, &repository, run, self.id)),
            repository,
            name: job.name.owned().unwrap_or_default(),
            workflow: job.workflow_name.owned(),
            branch: job.head_branch.owned(),
            labels: labels(&job.labels),
            created_at: job.created_at.time(),
            started_at: job.started_at.time(),
            completed_at: job.completed_at.time(),
            conclusion: (phase == Phase::Completed)
                .then(|| job.conclusion.text().map_or(Conclusion::Other, Conclusion::from_word)),
            runner: runner(&job.runner_id, &job.runner_name),
            runner_group: job.runner_group_name.owned(),
        })
    }
}

/// A page that cannot be told from the ids, as on GitHub Enterprise Server.
fn unusual_url(url: &str, repository: &Repository, run: u64, job: u64) -> Option<String> {
    let web = url.starts_with("https://") || url.starts_with("http://");
    let below =
        url.strip_prefix("https://github.com/").and_then(|path| path.strip_prefix(&repository.0));
    let is_usual = match below.and_then(|path| path.strip_prefix('/')) {
        None => false,
        // The form of older payloads, from which github.com leads to the usual one.
        Some(path) if path.starts_with("runs/") => true,
        Some(path) => {
            let mut parts = path.split('/');
            let number = |part: Option<&str>| part.and_then(|part| part.parse::<u64>().ok());
            parts.next() == Some("actions")
                && parts.next() == Some("runs")
                && number(parts.next()) == Some(run)
                && parts.next() == Some("job")
                && number(parts.next()) == Some(job)
                && parts.next().is_none()
        }
    };
    (web && !is_usual).then(|| cut(url).to_owned())
}

fn labels(labels: &[Scalar<'_>]) -> Labels {
    Labels::new(labels.iter().filter_map(Scalar::text).map(|label| cut_to(label, LABEL_BYTES_MAX)))
}

/// The runner's name, or its id where there is no name. Queued, skipped and cancelled jobs carry
/// null, 0 or an empty text.
fn runner(id: &Scalar<'_>, name: &Scalar<'_>) -> Option<String> {
    let by_id = || id.number().filter(|id| *id > 0).map(|id| format!("runner {id}"));
    name.owned().or_else(by_id)
}
