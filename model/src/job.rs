//! What one delivery says about one job.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{JobKey, Repository, Timestamp};

/// How far a job has come, in the order GitHub goes through.
/// <https://docs.github.com/en/webhooks/webhook-events-and-payloads#workflow_job>
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Held back by a deployment approval: not demand yet.
    Waiting,
    /// Asking for a runner.
    Queued,
    /// Has a runner.
    InProgress,
    /// Over, with or without ever having had a runner.
    Completed,
}

impl Phase {
    /// All phases, in order.
    pub const ALL: [Phase; 4] =
        [Phase::Waiting, Phase::Queued, Phase::InProgress, Phase::Completed];

    /// GitHub's word, also the `Status` dimension.
    pub const fn as_str(self) -> &'static str {
        match self {
            Phase::Waiting => "waiting",
            Phase::Queued => "queued",
            Phase::InProgress => "in_progress",
            Phase::Completed => "completed",
        }
    }

    /// The phase that GitHub's `action` names, if it is one we know.
    pub fn from_action(action: &str) -> Option<Phase> {
        Phase::ALL.into_iter().find(|phase| phase.as_str() == action)
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a job ended. A word that GitHub adds later is [`Conclusion::Other`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// All steps passed.
    Success,
    /// A step failed.
    Failure,
    /// Stopped by a person or by a newer run.
    Cancelled,
    /// Its condition was false: it never asked for a runner.
    Skipped,
    /// Ran into its time limit.
    TimedOut,
    /// Waits for somebody.
    ActionRequired,
    /// Neither passed nor failed.
    Neutral,
    /// Marked stale by GitHub.
    Stale,
    /// A word we do not know, or none.
    Other,
}

impl Conclusion {
    /// All conclusions.
    pub const ALL: [Conclusion; 9] = [
        Conclusion::Success,
        Conclusion::Failure,
        Conclusion::Cancelled,
        Conclusion::Skipped,
        Conclusion::TimedOut,
        Conclusion::ActionRequired,
        Conclusion::Neutral,
        Conclusion::Stale,
        Conclusion::Other,
    ];

    /// GitHub's word, also the `Conclusion` dimension.
    pub const fn as_str(self) -> &'static str {
        match self {
            Conclusion::Success => "success",
            Conclusion::Failure => "failure",
            Conclusion::Cancelled => "cancelled",
            Conclusion::Skipped => "skipped",
            Conclusion::TimedOut => "timed_out",
            Conclusion::ActionRequired => "action_required",
            Conclusion::Neutral => "neutral",
            Conclusion::Stale => "stale",
            Conclusion::Other => "other",
        }
    }

    /// The conclusion that GitHub's word names; [`Conclusion::Other`] for a word we do not know.
    pub fn from_word(word: &str) -> Conclusion {
        Conclusion::ALL.into_iter().find(|c| c.as_str() == word).unwrap_or(Conclusion::Other)
    }
}

/// The labels a job asks for (`runs-on`): lower case, sorted, without repeats.
///
/// GitHub compares labels without regard to case.
/// <https://docs.github.com/en/actions/how-tos/manage-runners/self-hosted-runners/apply-labels>
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub struct Labels(Vec<String>);

impl Labels {
    /// Normalises any list of labels; empty ones are dropped.
    pub fn new<S: AsRef<str>>(labels: impl IntoIterator<Item = S>) -> Self {
        let mut labels: Vec<String> = labels
            .into_iter()
            .map(|label| label.as_ref().trim().to_lowercase())
            .filter(|label| !label.is_empty())
            .collect();
        labels.sort_unstable();
        labels.dedup();
        Labels(labels)
    }

    /// Whether every label of `self` is one of `other`: a runner with `other` may take the job.
    pub fn subset_of(&self, other: &Labels) -> bool {
        self.0.iter().all(|label| other.0.binary_search(label).is_ok())
    }

    /// How many labels there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no label.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The labels in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl From<Vec<String>> for Labels {
    fn from(labels: Vec<String>) -> Self {
        Labels::new(labels)
    }
}

impl From<Labels> for Vec<String> {
    fn from(labels: Labels) -> Self {
        labels.0
    }
}

impl fmt::Display for Labels {
    /// `self-hosted,linux,x64` in sorted order.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(","))
    }
}

/// What one `workflow_job` delivery says. Instants are GitHub's, with a resolution of one second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobEvent {
    /// Which attempt at which job.
    pub key: JobKey,
    /// How far it has come.
    pub phase: Phase,
    /// The workflow run it belongs to.
    pub run: u64,
    /// Where the workflow lives.
    pub repository: Repository,
    /// The job's name, any Unicode.
    pub name: String,
    /// The workflow's name, where the payload has one.
    pub workflow: Option<String>,
    /// The branch, where the payload has one.
    pub branch: Option<String>,
    /// The job's page on GitHub; `None` where it is the usual place on github.com.
    pub url: Option<String>,
    /// What the job asks for.
    pub labels: Labels,
    /// When the job was created.
    pub created_at: Option<Timestamp>,
    /// When it got its runner. In a `queued` payload GitHub repeats `created_at` here.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub completed_at: Option<Timestamp>,
    /// How it ended: set exactly when the phase is completed.
    pub conclusion: Option<Conclusion>,
    /// The runner that has or had it; `None` while queued and where it never had one.
    pub runner: Option<String>,
    /// The runner group of that runner.
    pub runner_group: Option<String>,
}

impl JobEvent {
    /// The instant this event is about, as GitHub states it: created, started or completed.
    pub fn event_at(&self) -> Option<Timestamp> {
        match self.phase {
            Phase::Waiting | Phase::Queued => self.created_at.or(self.started_at),
            Phase::InProgress => self.started_at.or(self.created_at),
            Phase::Completed => self.completed_at.or(self.started_at).or(self.created_at),
        }
    }

    /// The job's page on GitHub.
    pub fn page_url(&self) -> String {
        self.url.clone().unwrap_or_else(|| github_url(&self.repository, self.run, self.key.job))
    }
}

/// Where github.com shows a job.
pub fn github_url(repository: &Repository, run: u64, job: u64) -> String {
    format!("https://github.com/{repository}/actions/runs/{run}/job/{job}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_compare_without_case_order_or_repeats() {
        let job = Labels::new(["Linux", "self-hosted", "linux", " "]);
        assert_eq!(job.to_string(), "linux,self-hosted");
        assert!(job.subset_of(&Labels::new(["self-hosted", "LINUX", "x64"])));
        assert!(!job.subset_of(&Labels::new(["self-hosted", "x64"])));
        assert!(Labels::default().subset_of(&job), "a job that asks for nothing fits anywhere");
    }

    #[test]
    fn every_word_names_its_own_value() {
        for phase in Phase::ALL {
            assert_eq!(Phase::from_action(phase.as_str()), Some(phase));
        }
        assert_eq!(Phase::from_action("reopened"), None);
        for conclusion in Conclusion::ALL {
            assert_eq!(Conclusion::from_word(conclusion.as_str()), conclusion);
        }
        assert_eq!(Conclusion::from_word("exploded"), Conclusion::Other);
    }
}
