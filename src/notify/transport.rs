//! One attempt to tell one target.

use std::time::Duration;

use alarms::notify::{Notification, plain, slack};
use client::{Address, Answer, Call, Client, Limits, Method, Roots};
use ingest::Secrets;

use super::command;
use crate::config::{Target, Way};

/// Until there is a connection; the rest of a target's time is for the answer.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);

/// Characters of an answer that are repeated in a trouble.
const EXCERPT_MAX: usize = 200;

/// A receiver that asks for a longer rest is asked again after this.
const RETRY_AFTER_MAX: Duration = Duration::from_hours(1);

/// Why a target did not take a notification.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// It does not want this one: the next may fare better.
    #[error("{0}")]
    Refused(String),
    /// It takes none now.
    #[error("{because}")]
    Away {
        /// Why.
        because: String,
        /// How long it asks to be left alone.
        rest: Option<Duration>,
    },
}

impl Trouble {
    pub(super) fn away(because: impl Into<String>) -> Self {
        Trouble::Away { because: because.into(), rest: None }
    }
}

/// The client for a target.
pub fn client(target: &Target, roots: &Roots) -> Client {
    let limits = Limits { connect: CONNECT_TIME_MAX.min(target.timeout), whole: target.timeout };
    Client::new(limits, roots)
}

/// Tells a target; `attempt` counts from 1. Blocks for as long as the target may take.
///
/// # Errors
/// When the target did not take it.
pub fn deliver(
    target: &Target,
    client: &Client,
    notification: &Notification,
    attempt: u32,
) -> Result<(), Trouble> {
    let unwritable = |error: serde_json::Error| Trouble::Refused(error.to_string());
    match &target.way {
        Way::Webhook { address, secrets } => {
            let body = serde_json::to_vec(notification).map_err(unwritable)?;
            post(client, address, &body, Some(secrets), (&notification.id, attempt))
        }
        Way::Slack { address } => {
            let body = serde_json::to_vec(&slack(notification)).map_err(unwritable)?;
            post(client, address, &body, None, (&notification.id, attempt))
        }
        Way::Command { words } => {
            command::run(words, &plain(notification), &notification.id, target.timeout)
        }
    }
}

fn post(
    client: &Client,
    address: &Address,
    body: &[u8],
    secrets: Option<&Secrets>,
    (id, attempt): (&str, u32),
) -> Result<(), Trouble> {
    let signature = secrets.and_then(|secrets| secrets.sign(body));
    let attempt = attempt.to_string();
    let mut headers = vec![
        ("content-type", "application/json"),
        ("x-headroom-notification", id),
        ("x-headroom-attempt", &attempt),
    ];
    if let Some(signature) = &signature {
        headers.push(("x-hub-signature-256", signature));
    }
    let call = Call { method: Method::Post, address, headers: &headers, body: Some(body) };
    let answer = client.call(call).map_err(|error| Trouble::away(crate::exit::chain(&error)))?;
    judge(&answer, address)
}

/// What an answer means.
fn judge(answer: &Answer, address: &Address) -> Result<(), Trouble> {
    let mut said = format!("{} answers {}", address.host(), answer.status);
    let excerpt: String = answer.text.trim().chars().take(EXCERPT_MAX).collect();
    if !excerpt.is_empty() {
        said.push_str(&format!(": {}", address.without_path(&excerpt)));
    }
    match answer.status {
        200..300 => Ok(()),
        300..400 => Err(Trouble::Refused(format!("{said}; redirections are not followed"))),
        // It asks to be asked again, or has trouble of its own.
        408 | 425 | 429 | 500.. => {
            let rest = answer.retry_after.map(|rest| rest.min(RETRY_AFTER_MAX));
            Err(Trouble::Away { because: said, rest })
        }
        _ => Err(Trouble::Refused(said)),
    }
}
