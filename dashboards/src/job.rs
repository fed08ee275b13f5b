//! One job as a row, and the states a reader tells apart.

/// One job, waiting, running or done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRow {
    /// Names the row from view to view.
    pub key: String,
    /// GitHub's id of the job.
    pub id: u64,
    /// Which attempt at its run this is.
    pub attempt: u32,
    /// The job's name, as the workflow's author wrote it.
    pub name: String,
    /// The workflow's name, if GitHub told it.
    pub workflow: Option<String>,
    /// `owner/name` of the repository.
    pub repository: String,
    /// The pool it was routed to.
    pub pool: String,
    /// The labels it asked for.
    pub labels: Vec<String>,
    /// Where it stands.
    pub state: JobState,
    /// Time without a runner in milliseconds, so far or in all; `None` if it cannot be known.
    pub waited_ms: Option<i64>,
    /// Time on the runner in milliseconds, so far or in all; `None` before it starts.
    pub ran_ms: Option<i64>,
    /// The runner's name, once there is one.
    pub runner: Option<String>,
    /// The job's page. Shown as a link only if it is `http` or `https`.
    pub url: Option<String>,
    /// When it entered its state, in milliseconds since the Unix epoch.
    pub changed_at_ms: i64,
}

/// Where a job stands, in the words of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobState {
    /// Wants a runner and has none.
    Waiting,
    /// Held back by a rule, such as a deployment approval; wants no runner yet.
    Held,
    /// On a runner.
    Running,
    /// Done, and well.
    Success,
    /// Done, and not well.
    Failure,
    /// Ended by someone.
    Cancelled,
    /// Ended by its time limit.
    TimedOut,
    /// Never wanted a runner.
    Skipped,
    /// Any other conclusion, in GitHub's words.
    Other(String),
}

impl JobState {
    /// The word on the page.
    pub fn label(&self) -> &str {
        match self {
            Self::Waiting => "waiting",
            Self::Held => "held",
            Self::Running => "running",
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed out",
            Self::Skipped => "skipped",
            Self::Other(word) => word,
        }
    }

    /// The name of its icon in the sprite and of its colour in the stylesheet.
    pub(crate) fn icon(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Held => "held",
            Self::Running => "running",
            Self::Success => "success",
            Self::Failure | Self::TimedOut => "failure",
            Self::Cancelled | Self::Skipped | Self::Other(_) => "ended",
        }
    }
}
