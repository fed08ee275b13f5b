//! When GitHub is to be left alone.

use std::time::Duration;

use client::Limits;
use model::Timestamp;

use crate::{GitHubError, Why};

/// GitHub is waited for no longer than this while a pool is looked at, whose jobs wait meanwhile.
pub const LOOK_LIMITS: Limits =
    Limits { connect: Duration::from_secs(2), whole: Duration::from_secs(6) };

/// Why GitHub is asked nothing for a while, if it is.
/// <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit>
#[derive(Debug)]
pub struct Rest {
    unanswered: Duration,
    since: Option<(GitHubError, Timestamp)>,
}

impl Rest {
    /// One that lasts as long as GitHub's limits, and so long after a call that was not answered: for
    /// callers who would wait one after the other.
    pub const fn new(unanswered: Duration) -> Self {
        Rest { unanswered, since: None }
    }

    /// Whether something may be asked now.
    ///
    /// # Errors
    /// That of the call after which nothing may.
    pub fn check(&self, now: Timestamp) -> Result<(), GitHubError> {
        match &self.since {
            Some((error, until)) if now < *until => Err(error.clone()),
            _ => Ok(()),
        }
    }

    /// A call failed.
    pub fn note(&mut self, error: &GitHubError, now: Timestamp) {
        let until = match error.why {
            Why::NoAnswer { .. } => Some(now.plus(self.unanswered)),
            _ => error.limited_until(),
        };
        if let Some(until) = until {
            self.since = Some((error.clone(), until));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_github_that_does_not_answer_or_limits_us_is_left_alone_for_a_while() {
        let at = Timestamp::from_secs;
        for (why, secs) in [
            (Why::NoAnswer { said: "timed out".into() }, 30),
            (Why::Limited { until: at(160) }, 60),
            (Why::NotFound, 0),
        ] {
            let error = GitHubError { asked: "GET /x".into(), why };
            let mut rest = Rest::new(Duration::from_secs(30));
            assert_eq!(rest.check(at(100)), Ok(()));
            rest.note(&error, at(100));
            let rests = (100..200).take_while(|now| rest.check(at(*now)).is_err()).count();
            assert_eq!(rests, secs, "{error}");
        }
    }
}
