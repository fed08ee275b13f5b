//! What a call to GitHub did wrong, in words that help.

use std::fmt;
use std::time::Duration;

use client::{Answer, CallError};
use model::Timestamp;
use serde::Deserialize;

/// GitHub asks for so long a pause where it names none.
/// <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit>
const PAUSE: Duration = Duration::from_mins(1);

/// So much of what GitHub says is shown.
const SAID_LEN_MAX: usize = 200;

/// A call that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("GitHub, {asked}: {why}")]
pub struct GitHubError {
    /// What was asked, such as `GET /orgs/acme/actions/runners`.
    pub asked: String,
    /// Why it failed.
    pub why: Why,
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// GitHub does not know who asks.
    Credentials {
        /// What it said.
        said: String,
    },
    /// Whoever asks may not.
    Forbidden {
        /// The permission that would be enough, such as `actions=read`; empty where GitHub does not
        /// say.
        needed: String,
        /// What it said.
        said: String,
    },
    /// There is no such thing, or it is hidden from whoever asks.
    NotFound,
    /// Too many asked.
    Limited {
        /// When asking makes sense again.
        until: Timestamp,
    },
    /// GitHub, or what stands at its address, did not answer, or failed.
    NoAnswer {
        /// What happened.
        said: String,
    },
    /// Anything else that GitHub refused.
    Refused {
        /// The status.
        status: u16,
        /// What it said.
        said: String,
    },
    /// An answer of another shape than GitHub describes.
    Odd {
        /// What is odd.
        said: String,
    },
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Credentials { said } => write!(
                f,
                "{said}: the App's id and its private key, or the token, do not prove who asks"
            ),
            Why::Forbidden { needed, said } if needed.is_empty() => write!(f, "{said}"),
            Why::Forbidden { needed, said } => {
                write!(f, "{said}: the permission {needed} is needed")
            }
            Why::NotFound => write!(
                f,
                "not found: it is not there, or the App is not installed on it, or the token may not \
                 see it"
            ),
            Why::Limited { until } => write!(f, "the rate limit is used up until {until}"),
            Why::NoAnswer { said } => write!(f, "no answer: {said}"),
            Why::Refused { status, said } => write!(f, "{status}, {said}"),
            Why::Odd { said } => write!(f, "an answer that is not understood: {said}"),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    message: String,
}

impl GitHubError {
    pub(crate) fn unanswered(asked: &str, error: &CallError) -> Self {
        let said = error.to_string();
        GitHubError { asked: asked.to_owned(), why: Why::NoAnswer { said } }
    }

    pub(crate) fn odd(asked: &str, said: impl fmt::Display) -> Self {
        let said = said.to_string();
        GitHubError { asked: asked.to_owned(), why: Why::Odd { said } }
    }

    /// What an answer means that is no success.
    pub(crate) fn refused(asked: &str, answer: &Answer, now: Timestamp) -> Self {
        let said = serde_json::from_str::<Problem>(&answer.text).unwrap_or_default().message;
        let said = match said.is_empty() {
            true => format!("status {}", answer.status),
            false => said.chars().take(SAID_LEN_MAX).collect(),
        };
        let why = match answer.status {
            403 | 429 if let Some(until) = limited(answer, &said, now) => Why::Limited { until },
            401 => Why::Credentials { said },
            403 => {
                let needed = answer.header("x-accepted-github-permissions").unwrap_or_default();
                Why::Forbidden { needed: needed.to_owned(), said }
            }
            404 => Why::NotFound,
            500.. => Why::NoAnswer { said: format!("{} {said}", answer.status) },
            status => Why::Refused { status, said },
        };
        GitHubError { asked: asked.to_owned(), why }
    }

    /// The status of a refusal that is no failure of the call, such as 409.
    pub(crate) fn is_refused_with(&self, expected: u16) -> bool {
        matches!(self.why, Why::Refused { status, .. } if status == expected)
    }

    /// Whether there is nothing there, or nothing that may be seen.
    pub fn is_not_found(&self) -> bool {
        self.why == Why::NotFound
    }

    /// When asking makes sense again, where too many asked.
    pub fn limited_until(&self) -> Option<Timestamp> {
        match self.why {
            Why::Limited { until } => Some(until),
            _ => None,
        }
    }
}

/// Until when nothing may be asked, where that is what the answer says.
fn limited(answer: &Answer, said: &str, now: Timestamp) -> Option<Timestamp> {
    if let Some(pause) = answer.retry_after {
        return Some(now.plus(pause));
    }
    let number = |name| answer.header(name).and_then(|text| text.trim().parse::<i64>().ok());
    match (number("x-ratelimit-remaining"), number("x-ratelimit-reset")) {
        (Some(0), Some(reset)) => Some(Timestamp::from_secs(reset)),
        _ => {
            (answer.status == 429 || said.contains("secondary rate limit")).then(|| now.plus(PAUSE))
        }
    }
}
