//! A recorded job as GitHub's payload. The trace knows no names, so jobs are called by their ids;
//! the links lead to the real jobs.

use model::{Phase, Timestamp};
use serde_json::{Value, json};

use super::trace::Recorded;

/// Where the recorded jobs ran.
const REPOSITORY: &str = "bitcoin/bitcoin";

/// The body of the delivery that tells of `phase`.
pub(super) fn body(job: &Recorded, phase: Phase) -> Value {
    let has_runner = matches!(phase, Phase::InProgress | Phase::Completed);
    let is_over = phase == Phase::Completed;
    let at = |at: Timestamp| json!(at.to_string());
    let when = |yes: bool, value: Value| if yes { value } else { Value::Null };
    let mut workflow_job = json!({
        "id": job.job_id,
        "run_id": job.run_id,
        "run_attempt": 1,
        "name": format!("job {}", job.job_id),
        "status": phase.as_str(),
        "conclusion": when(is_over, json!("success")),
        "created_at": at(job.queued_at()),
        "started_at": at(if has_runner { job.started_at() } else { job.queued_at() }),
        "completed_at": when(is_over, at(job.completed_at())),
        "labels": [job.pool],
        "runner_id": when(has_runner, json!(1)),
        "runner_name": when(has_runner, json!(job.runner.as_deref().unwrap_or("recorded runner"))),
        "html_url": format!(
            "https://github.com/{REPOSITORY}/actions/runs/{}/job/{}", job.run_id, job.job_id
        ),
    });
    if !job.is_wait_known() {
        workflow_job["created_at"] = Value::Null;
    }
    json!({
        "action": phase.as_str(),
        "workflow_job": workflow_job,
        "repository": { "full_name": REPOSITORY },
    })
}

/// A delivery id: the same for the same job and phase.
pub(super) fn delivery_id(job: &Recorded, phase: Phase) -> String {
    format!("{:08x}-0000-4000-8000-{:012x}", phase as u8, job.job_id)
}
