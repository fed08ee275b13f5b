//! Jobs as GitHub has them now.
//! <https://docs.github.com/en/rest/actions/workflow-jobs>

use model::{Conclusion, JobEvent, JobKey, Labels, Phase, Repository, Timestamp};
use serde::Deserialize;

use crate::session::{Ask, PAGE};
use crate::{GitHub, GitHubError};

/// Statuses of runs in which jobs wait or run.
const OPEN: [&str; 2] = ["queued", "in_progress"];

#[derive(Deserialize)]
struct Runs {
    workflow_runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    id: u64,
}

#[derive(Deserialize)]
struct Jobs {
    jobs: Vec<Job>,
}

#[derive(Deserialize)]
struct Job {
    id: u64,
    run_id: u64,
    run_attempt: Option<u32>,
    status: String,
    conclusion: Option<String>,
    created_at: Option<Timestamp>,
    started_at: Option<Timestamp>,
    completed_at: Option<Timestamp>,
    #[serde(default)]
    name: String,
    workflow_name: Option<String>,
    head_branch: Option<String>,
    html_url: Option<String>,
    #[serde(default)]
    labels: Vec<String>,
    runner_name: Option<String>,
    runner_group_name: Option<String>,
}

impl Job {
    /// The event that tells of it as it stands; `None` for a state that no event tells of.
    fn event(self, repository: &str) -> Option<JobEvent> {
        let phase = match self.status.as_str() {
            "queued" => Phase::Queued,
            "in_progress" => Phase::InProgress,
            "completed" => Phase::Completed,
            "waiting" => Phase::Waiting,
            _ => return None,
        };
        let named = |name: Option<String>| name.filter(|name| !name.is_empty());
        let conclusion =
            || self.conclusion.as_deref().map_or(Conclusion::Other, Conclusion::from_word);
        let usual =
            format!("https://github.com/{repository}/actions/runs/{}/job/{}", self.run_id, self.id);
        Some(JobEvent {
            key: JobKey { job: self.id, attempt: self.run_attempt.unwrap_or(1).max(1) },
            phase,
            run: self.run_id,
            repository: Repository(repository.to_owned()),
            conclusion: (phase == Phase::Completed).then(conclusion),
            name: self.name,
            workflow: named(self.workflow_name),
            branch: named(self.head_branch),
            url: self.html_url.filter(|url| *url != usual),
            labels: Labels::new(&self.labels),
            created_at: self.created_at,
            started_at: self.started_at,
            completed_at: self.completed_at,
            runner: named(self.runner_name),
            runner_group: named(self.runner_group_name),
        })
    }
}

impl GitHub {
    /// The jobs of a repository's runs that wait or run, those that are over among them, by the
    /// latest attempt. Of so many runs of each status at most, the newest: each costs a call.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn jobs_of_open_runs(
        &mut self,
        repository: &Repository,
        runs_max: usize,
        now: Timestamp,
    ) -> Result<Vec<JobEvent>, GitHubError> {
        let mut jobs = Vec::new();
        for status in OPEN {
            let per_page = runs_max.min(PAGE);
            let runs =
                format!("/repos/{}/actions/runs?status={status}&per_page={per_page}", repository.0);
            let Runs { workflow_runs } = self.ask(&Ask::get(&runs), now)?;
            for Run { id } in workflow_runs.into_iter().take(runs_max) {
                let path = format!(
                    "/repos/{}/actions/runs/{id}/jobs?filter=latest&per_page={PAGE}",
                    repository.0
                );
                self.pages(&Ask::get(&path), now, |page: Jobs| {
                    jobs.extend(page.jobs.into_iter().filter_map(|job| job.event(&repository.0)));
                    true
                })?;
            }
        }
        Ok(jobs)
    }

    /// A job as it stands; `None` where GitHub knows none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn job(
        &mut self,
        repository: &Repository,
        id: u64,
        now: Timestamp,
    ) -> Result<Option<JobEvent>, GitHubError> {
        let path = format!("/repos/{}/actions/jobs/{id}", repository.0);
        match self.ask::<Job>(&Ask::get(&path), now) {
            Ok(job) => Ok(job.event(&repository.0)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}
