//! What a round did, in figures and in words.

use github::{GitHubError, Rate, Why};
use model::emf::Record;
use model::{Dimensions, Timestamp, catalogue as c};

/// What a round did.
#[derive(Debug, Default)]
pub struct Counts {
    /// Deliveries that GitHub was asked to make once more.
    pub redelivered: u64,
    /// Events that were asked for the last time, in vain.
    pub given_up: u64,
    /// Jobs of which GitHub told what no webhook had told.
    pub mended: u64,
    /// Open jobs that GitHub knows no more.
    pub deleted: u64,
    /// Calls that failed.
    pub failures: u64,
    /// The first thing that went wrong.
    pub trouble: Option<String>,
    /// Whether GitHub does not believe who asks.
    pub is_refused: bool,
    /// All calls.
    pub calls: u64,
    /// What GitHub still allows, as its last answer said.
    pub rate: Option<Rate>,
}

impl Counts {
    pub(super) fn note(&mut self, error: &GitHubError) {
        self.failures += 1;
        self.is_refused |= matches!(error.why, Why::Credentials { .. });
        self.trouble.get_or_insert(error.to_string());
    }

    /// What is published of it; what GitHub allows is not part of it.
    pub fn records(&self, now: Timestamp) -> impl Iterator<Item = Record> {
        let counted = [
            (c::WEBHOOKS_REDELIVERED, self.redelivered),
            (c::JOBS_MENDED, self.mended),
            (c::GITHUB_FAILURES, self.failures),
        ];
        let counted = counted.into_iter().filter(|(_, n)| *n > 0);
        counted
            .map(move |(counter, n)| Record::new(now, Dimensions::none()).with(counter.inc_by(n)))
    }

    /// What is in the log of it.
    pub fn log(&self) {
        let Counts { redelivered, given_up, mended, deleted, failures, trouble, calls, .. } = self;
        let remaining = self.rate.map(|rate| rate.remaining);
        if let Some(trouble) = trouble {
            tracing::warn!(
                redelivered,
                given_up,
                mended,
                deleted,
                failures,
                calls,
                remaining,
                trouble,
                "lost webhooks cannot be looked for as they should"
            );
        } else if redelivered + given_up + mended + deleted > 0 {
            tracing::info!(
                redelivered,
                given_up,
                mended,
                deleted,
                calls,
                remaining,
                "lost webhooks"
            );
        }
    }
}

/// What GitHub allows within the hour, while it is known.
pub fn allowance(rate: Option<Rate>, now: Timestamp) -> Option<Record> {
    let rate = rate.filter(|rate| now < rate.reset)?;
    let level = c::GITHUB_RATE_LIMIT_REMAINING.is(rate.remaining.into());
    Some(Record::new(now, Dimensions::none()).with(level))
}
