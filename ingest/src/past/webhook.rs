//! A recorded webhook: `{"headers":{...},"body":...,"received_at":"..."}` in one line.
//!
//! The body is the payload as an object, or the raw text that was sent, JSON or form. Names of
//! headers are compared without regard to case. `received_at` (RFC 3339) may be missing: then the
//! event's own time stands for it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use model::{DeliveryId, JobEvent, Phase, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Malformed, Past, PastEvent};
use crate::reject::told;
use crate::{Content, Rejection, body, payload};

#[derive(Deserialize)]
#[serde(expecting = "a recorded webhook")]
struct Line<'a> {
    #[serde(borrow)]
    headers: BTreeMap<Cow<'a, str>, Header>,
    #[serde(borrow)]
    body: &'a RawValue,
    #[serde(default)]
    received_at: Option<Cow<'a, str>>,
}

/// A header's value; some recorders write a list of values.
#[derive(Deserialize)]
#[serde(untagged)]
enum Header {
    One(String),
    Many(Vec<String>),
    Other(serde::de::IgnoredAny),
}

/// Reads one line.
///
/// # Errors
/// When it is no such line, or its body is no payload of its event.
pub fn read(line: &str) -> Result<Past, Malformed> {
    let line: Line<'_> = serde_json::from_str(line).map_err(|error| {
        Malformed::Shape(told(&error), "{\"headers\":{...},\"body\":...} in one line")
    })?;
    let noted = line.received_at.as_deref().map(received_at).transpose()?;
    let event = line.header("x-github-event").ok_or(Rejection::EventMissing)?;
    match payload::parse(event, &text(line.body)?)? {
        Content::Job(event) => {
            let received_at = noted.or_else(|| own_time(&event)).ok_or(Malformed::Timeless)?;
            let is_receipt_known = noted.is_some();
            let event = *event;
            Ok(Past::Job(Box::new(PastEvent { event, pool: None, received_at, is_receipt_known })))
        }
        Content::Run(run) => {
            let id = line.header("x-github-delivery").and_then(DeliveryId::new);
            let id = id.ok_or(Rejection::DeliveryMissing)?;
            let received_at = noted.or(run.updated_at).ok_or(Malformed::Timeless)?;
            Ok(Past::Run { id, run, received_at })
        }
        Content::Ping | Content::Ignored => Ok(Past::Unused),
    }
}

impl Line<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        let value = match value {
            Header::One(value) => Some(value),
            Header::Many(values) => values.first(),
            Header::Other(_) => None,
        };
        value.map(String::as_str).filter(|value| !value.is_empty())
    }
}

fn received_at(text: &str) -> Result<Timestamp, Malformed> {
    let expected = "an RFC 3339 time such as 2026-01-31T12:00:00Z";
    text.parse().map_err(|_| Malformed::value("received_at", text, expected))
}

/// The payload's JSON text.
fn text(body: &RawValue) -> Result<Cow<'_, str>, Malformed> {
    let raw = body.get();
    if raw.starts_with('{') {
        return Ok(Cow::Borrowed(raw));
    }
    let expected = "the payload as an object, or as the text that was sent";
    let sent: String =
        serde_json::from_str(raw).map_err(|_| Malformed::value("body", raw, expected))?;
    if sent.trim_start().starts_with('{') {
        return Ok(Cow::Owned(sent));
    }
    Ok(Cow::Owned(body::form(sent.as_bytes())?.into_owned()))
}

/// When it happened, for a line whose receipt nobody noted. A job that was held for approval is
/// created long before it is queued.
fn own_time(event: &JobEvent) -> Option<Timestamp> {
    match event.phase {
        Phase::Queued => event.created_at.max(event.started_at),
        Phase::Waiting | Phase::InProgress | Phase::Completed => event.event_at(),
    }
}
