//! GitHub's payloads. Their types do not leave this file.
//!
//! Only what is needed is read, borrowed from the text; unknown fields, unknown words and oddities
//! that GitHub's own examples show (`runner_id` 0 or `""`, no `created_at`, no `run_attempt`) never
//! fail an event. What a job event cannot do without is `action` and `workflow_job.id`.
//! <https://docs.github.com/en/webhooks/webhook-events-and-payloads#workflow_job>

use std::borrow::Cow;
use std::fmt;

use model::{Conclusion, JobEvent, JobKey, Labels, Phase, Repository, Timestamp};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::Rejection;
use crate::reject::told;

/// Longer names are cut: GitHub's own limits are far below.
const TEXT_BYTES_MAX: usize = 4096;

/// Longer labels are cut; GitHub takes none that long.
const LABEL_BYTES_MAX: usize = 256;

/// A runner may carry at most 100 labels, and a job asks for fewer.
const LABELS_MAX: usize = 100;

/// What a delivery says.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// News of a job.
    Job(Box<JobEvent>),
    /// News of a workflow run.
    Run(RunEvent),
    /// GitHub greets a new webhook.
    Ping,
    /// An event or action that Headroom does not use.
    Ignored,
}

/// News of a workflow run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunEvent {
    /// How far it has come.
    pub status: RunStatus,
    /// When it came that far, where the payload states it.
    pub updated_at: Option<Timestamp>,
}

/// How far a workflow run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunStatus {
    /// Asked for.
    Requested,
    /// Under way.
    InProgress,
    /// Over.
    Completed,
    /// A word we do not know.
    Other,
}

impl RunStatus {
    /// All of them.
    pub const ALL: [RunStatus; 4] =
        [RunStatus::Requested, RunStatus::InProgress, RunStatus::Completed, RunStatus::Other];

    /// GitHub's word, also the `Status` dimension.
    pub const fn as_str(self) -> &'static str {
        match self {
            RunStatus::Requested => "requested",
            RunStatus::InProgress => "in_progress",
            RunStatus::Completed => "completed",
            RunStatus::Other => "other",
        }
    }
}

/// Reads the payload of an event of that name.
///
/// # Errors
/// [`Rejection::Payload`] when it is not JSON, or lacks what the event cannot do without.
pub(crate) fn parse(event: &str, text: &str) -> Result<Content, Rejection> {
    match event {
        "workflow_job" => {
            let payload: JobPayload<'_> = read(text)?;
            Ok(payload.into_event().map_or(Content::Ignored, |event| Content::Job(Box::new(event))))
        }
        "workflow_run" => {
            let payload: RunPayload<'_> = read(text)?;
            let known = RunStatus::ALL.into_iter().find(|s| s.as_str() == payload.action);
            let status = known.unwrap_or(RunStatus::Other);
            let updated_at = payload.workflow_run.and_then(|run| run.updated_at.time());
            Ok(Content::Run(RunEvent { status, updated_at }))
        }
        "ping" => read::<AnyObject>(text).map(|_| Content::Ping),
        _ => read::<AnyObject>(text).map(|_| Content::Ignored),
    }
}

/// Reads an object. A list would be taken for a structure's fields in their order.
fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Rejection> {
    if text.trim_start().starts_with('[') {
        return Err(Rejection::Payload("a JSON object was expected, not a list".into()));
    }
    serde_json::from_str(text).map_err(|error| Rejection::Payload(told(&error)))
}

/// Any JSON object, read to its end.
struct AnyObject;

impl<'de> Deserialize<'de> for AnyObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = AnyObject;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AnyObject, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(AnyObject)
            }
        }
        deserializer.deserialize_map(Members)
    }
}

#[derive(Deserialize)]
#[serde(expecting = "a workflow_run payload")]
struct RunPayload<'a> {
    #[serde(borrow)]
    action: Cow<'a, str>,
    #[serde(borrow, default)]
    workflow_run: Option<WorkflowRun<'a>>,
}

#[derive(Deserialize)]
struct WorkflowRun<'a> {
    #[serde(borrow, default)]
    updated_at: Lenient<'a>,
}

#[derive(Deserialize)]
#[serde(expecting = "a workflow_job payload")]
struct JobPayload<'a> {
    #[serde(borrow)]
    action: Cow<'a, str>,
    #[serde(borrow)]
    workflow_job: WorkflowJob<'a>,
    #[serde(borrow, default)]
    repository: Option<RepositoryPayload<'a>>,
}

#[derive(Deserialize)]
#[serde(expecting = "a repository object")]
struct RepositoryPayload<'a> {
    #[serde(borrow, default)]
    full_name: Lenient<'a>,
}

#[derive(Deserialize)]
#[serde(expecting = "a job object")]
struct WorkflowJob<'a> {
    id: u64,
    #[serde(borrow, default)]
    run_id: Lenient<'a>,
    #[serde(borrow, default)]
    run_attempt: Lenient<'a>,
    #[serde(borrow, default)]
    html_url: Lenient<'a>,
    #[serde(borrow, default)]
    status: Lenient<'a>,
    #[serde(borrow, default)]
    conclusion: Lenient<'a>,
    #[serde(borrow, default)]
    created_at: Lenient<'a>,
    #[serde(borrow, default)]
    started_at: Lenient<'a>,
    #[serde(borrow, default)]
    completed_at: Lenient<'a>,
    #[serde(borrow, default)]
    name: Lenient<'a>,
    #[serde(borrow, default)]
    workflow_name: Lenient<'a>,
    #[serde(borrow, default)]
    head_branch: Lenient<'a>,
    #[serde(borrow, default)]
    labels: Option<FirstFew<'a>>,
    #[serde(borrow, default)]
    runner_id: Lenient<'a>,
    #[serde(borrow, default)]
    runner_name: Lenient<'a>,
    #[serde(borrow, default)]
    runner_group_name: Lenient<'a>,
}

impl JobPayload<'_> {
    /// `None` for an action that we do not know.
    fn into_event(self) -> Option<JobEvent> {
        let job = self.workflow_job;
        let phase = match Phase::from_action(&self.action)? {
            // GitHub also announces a job that waits for approval as `queued`; it is no demand yet.
            Phase::Queued if job.status.text() == Some("waiting") => Phase::Waiting,
            phase => phase,
        };
        let run = job.run_id.number().unwrap_or(0);
        let repository = self.repository.and_then(|r| r.full_name.owned());
        let repository = Repository(repository.unwrap_or_else(|| "unknown".to_owned()));
        let attempt = job.run_attempt.number().and_then(|n| u32::try_from(n).ok());
        Some(JobEvent {
            key: JobKey { job: job.id, attempt: attempt.filter(|n| *n > 0).unwrap_or(1) },
            phase,
            run,
            url: job.html_url.text().and_then(|url| unusual_url(url, &repository, run, job.id)),
            repository,
            name: job.name.owned().unwrap_or_default(),
            workflow: job.workflow_name.owned(),
            branch: job.head_branch.owned(),
            labels: job.labels.as_ref().map(labels).unwrap_or_default(),
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

fn labels(FirstFew(labels): &FirstFew<'_>) -> Labels {
    Labels::new(labels.iter().filter_map(Lenient::text).map(|label| cut_to(label, LABEL_BYTES_MAX)))
}

/// The runner's name, or its id where there is no name. Queued, skipped and cancelled jobs carry
/// null, 0 or an empty text.
fn runner(id: &Lenient<'_>, name: &Lenient<'_>) -> Option<String> {
    let by_id = || id.number().filter(|id| *id > 0).map(|id| format!("runner {id}"));
    name.owned().or_else(by_id)
}

fn cut(text: &str) -> &str {
    cut_to(text, TEXT_BYTES_MAX)
}

fn cut_to(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

/// The first [`LABELS_MAX`] of a list; the rest is read and not kept.
struct FirstFew<'a>(Vec<Lenient<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for FirstFew<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = FirstFew<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<FirstFew<'de>, A::Error> {
                let mut few = Vec::new();
                while few.len() < LABELS_MAX {
                    match seq.next_element()? {
                        Some(item) => few.push(item),
                        None => return Ok(FirstFew(few)),
                    }
                }
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(FirstFew(few))
            }
        }
        deserializer.deserialize_seq(List)
    }
}

/// A scalar of whatever type: GitHub writes null, 0 and `""` for "none", and Enterprise Server
/// versions differ.
#[derive(Default)]
enum Lenient<'a> {
    #[default]
    Nothing,
    Text(Cow<'a, str>),
    Number(u64),
}

impl<'a> Lenient<'a> {
    /// A text that is not empty.
    fn text(&self) -> Option<&str> {
        match self {
            Lenient::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    fn owned(&self) -> Option<String> {
        self.text().map(|text| cut(text).to_owned())
    }

    fn number(&self) -> Option<u64> {
        match self {
            Lenient::Number(number) => Some(*number),
            Lenient::Text(text) => text.parse().ok(),
            Lenient::Nothing => None,
        }
    }

    /// An instant; what is none counts as missing.
    fn time(&self) -> Option<Timestamp> {
        self.text().and_then(|text| text.parse().ok())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Lenient<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyScalar)
    }
}

struct AnyScalar;

impl<'de> Visitor<'de> for AnyScalar {
    type Value = Lenient<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number or null")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Lenient::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Lenient::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Lenient::Number(number))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Lenient::Nothing)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Lenient::Nothing)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Lenient::Nothing)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Lenient::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Lenient::Nothing)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Lenient::Nothing)
    }
}
