//! Reads what was recorded earlier: lines of webhooks, of EMF or of a trace, as values for the store.
//!
//! A line is one document. What cannot be read says what was expected; what is not ours or is not
//! kept by history is told apart from it. Nothing here is verified: a file is its owner's.

pub mod emf;
pub mod trace;
pub mod webhook;

use model::emf::Record;
use model::{DeliveryId, JobEvent, JobKey, Timestamp};

use crate::{Rejection, RunEvent};

/// What a line tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Past {
    /// News of a job.
    Job(Box<PastEvent>),
    /// News of a workflow run.
    Run {
        /// Its delivery: counted once.
        id: DeliveryId,
        /// What it says.
        run: RunEvent,
        /// When it was received, or when it happened.
        received_at: Timestamp,
    },
    /// A job that was given up: GitHub knows no more of it, or its next event never came.
    Gone {
        /// Which.
        key: JobKey,
        /// When.
        at: Timestamp,
    },
    /// What was counted in one minute, by somebody who did.
    Minute(Vec<Record>),
    /// It is ours, and history does not keep it: `ping`, other events, counts without a job.
    Unused,
    /// It is not ours.
    Foreign,
}

/// One job event from the past.
#[derive(Clone, Debug, PartialEq)]
pub struct PastEvent {
    /// What it says.
    pub event: JobEvent,
    /// The pool that it was routed to then; `None` to route it by its labels.
    pub pool: Option<String>,
    /// When it was received, or when it happened where nobody noted the receipt.
    pub received_at: Timestamp,
    /// Whether somebody noted the receipt: only then the delivery's lag is known.
    pub is_receipt_known: bool,
}

/// A line that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// No JSON, or JSON of another shape.
    #[error("{0}; expected {1}")]
    Shape(String, &'static str),
    /// A member has a value that makes no sense.
    #[error("{key} is {found}; expected {expected}")]
    Value {
        /// Which member.
        key: String,
        /// What stands there.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A row has more or fewer fields than its first line.
    #[error("{found} fields; expected {expected}")]
    Fields {
        /// How many there are.
        found: usize,
        /// How many the first line has.
        expected: usize,
    },
    /// The payload is refused, as the webhook would refuse it.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// It says nowhere when it happened.
    #[error("no time; expected `received_at` in the line, or an event with its own time stamps")]
    Timeless,
}

impl Malformed {
    fn value(key: &str, found: &(impl ToString + ?Sized), expected: &'static str) -> Self {
        /// Enough to find it again.
        const SHOWN_MAX: usize = 80;
        let text = found.to_string();
        let shown = &text[..text.floor_char_boundary(SHOWN_MAX)];
        let mut found: String = shown.chars().flat_map(on_one_line).collect();
        if shown.len() < text.len() {
            found.push_str("...");
        }
        Malformed::Value { key: key.to_owned(), found, expected }
    }
}

/// A character as it may stand in one line of a terminal.
fn on_one_line(c: char) -> impl Iterator<Item = char> {
    let escaped = c.is_control().then(|| c.escape_default());
    let plain = escaped.is_none().then_some(c);
    escaped.into_iter().flatten().chain(plain)
}

#[cfg(test)]
mod tests;
