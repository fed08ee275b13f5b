//! GitHub's payloads. Their types do not leave this module.
//!
//! Only what is needed is read, borrowed from the text; unknown fields, unknown words and oddities
//! that GitHub's own examples show (`runner_id` 0 or `""`, no `created_at`, no `run_attempt`) never
//! fail an event. What a job event cannot do without is `action` and `workflow_job.id`.
//! <https://docs.github.com/en/webhooks/webhook-events-and-payloads#workflow_job>

mod job;
mod scalar;

use model::{JobEvent, Timestamp};
use serde::de::IgnoredAny;

use crate::Rejection;
use crate::json::{Broken, Cursor, DEPTH_MAX};
use crate::reject::told;

use scalar::Scalar;

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

/// What keeps a payload from being read.
#[derive(Debug)]
enum Fault {
    /// It is no JSON.
    Json,
    /// A text in it cannot be read.
    Text(serde_json::Error),
    /// It is not what the event promises.
    Shape(&'static str),
}

impl From<Broken> for Fault {
    fn from(Broken: Broken) -> Self {
        Fault::Json
    }
}

/// Reads the payload of an event of that name.
///
/// # Errors
/// [`Rejection::Payload`] when it is not JSON, or lacks what the event cannot do without.
pub(crate) fn parse(event: &str, text: &str) -> Result<Content, Rejection> {
    content(event, &mut Cursor::new(text)).map_err(|fault| match fault {
        Fault::Json => Rejection::Payload(wrong(text)),
        Fault::Text(error) => Rejection::Payload(told(&error)),
        Fault::Shape(expected) => Rejection::Payload(expected.to_owned()),
    })
}

fn content(event: &str, cursor: &mut Cursor<'_>) -> Result<Content, Fault> {
    object(cursor, "a JSON object was expected")?;
    let content = match event {
        "workflow_job" => job::read(cursor)?
            .into_event()
            .map_or(Content::Ignored, |event| Content::Job(Box::new(event))),
        "workflow_run" => Content::Run(run(cursor)?),
        event => {
            cursor.skip()?;
            if event == "ping" { Content::Ping } else { Content::Ignored }
        }
    };
    cursor.end()?;
    Ok(content)
}

/// What is wrong with a text that is no JSON, and where.
fn wrong(text: &str) -> String {
    let read = serde_json::from_str::<IgnoredAny>(text);
    read.err().map_or_else(|| format!("nested deeper than {DEPTH_MAX} levels"), |e| told(&e))
}

/// An object must stand here. Where no JSON does, that is what is told.
fn object(cursor: &mut Cursor<'_>, expected: &'static str) -> Result<(), Fault> {
    match cursor.peek() {
        Some(b'{') => Ok(()),
        _ => cursor.skip().map_err(Fault::from).and(Err(Fault::Shape(expected))),
    }
}

/// Whether `null` stands here; then it is passed.
fn null(cursor: &mut Cursor<'_>) -> Result<bool, Fault> {
    let is_null = cursor.peek() == Some(b'n');
    if is_null {
        cursor.skip()?;
    }
    Ok(is_null)
}

fn run(cursor: &mut Cursor<'_>) -> Result<RunEvent, Fault> {
    let (mut action, mut updated_at) = (Scalar::Nothing, None);
    cursor.members(|cursor, name| match name {
        "action" => Scalar::read(cursor).map(|read| action = read),
        "workflow_run" if !null(cursor)? => {
            object(cursor, "workflow_run: an object was expected")?;
            cursor.members(|cursor, name| match name {
                "updated_at" => Scalar::read(cursor).map(|read| updated_at = read.time()),
                _ => Ok(cursor.skip()?),
            })
        }
        "workflow_run" => Ok(()),
        _ => Ok(cursor.skip()?),
    })?;
    let action = action.action()?;
    let known = RunStatus::ALL.into_iter().find(|status| status.as_str() == action);
    Ok(RunEvent { status: known.unwrap_or(RunStatus::Other), updated_at })
}
