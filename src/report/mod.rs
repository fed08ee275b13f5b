//! From where the jobs of a report come: a store, traces, or EMF that becomes a store first.
//!
//! One thread reads and makes facts of what it reads, another counts them; a bounded number of
//! batches lies between them. A trace is read twice, because the period counts back from the newest
//! event, wherever that stands, and because how many jobs there are decides which are replayed; a
//! store is read twice for the second reason, if it has too many.

mod boots;
mod facts;
mod pipe;
mod prices;
mod replay;
mod series;
mod store;
mod traces;
mod waste;

pub mod render;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use model::Timestamp;
use model::capacity::{Prices, Slo};
use scaler::capacity::{About, Bounds, Days, Described, Names, Question, Stretches};

use crate::exit::Failure;
use crate::import::LogGroup;

pub use prices::{Given, prices};
pub use replay::{Instances, replay};

/// Where the jobs are.
#[derive(Clone, Debug)]
pub enum Source {
    /// In a store.
    Store(PathBuf),
    /// In EMF lines, or in recorded webhooks.
    Events(Vec<PathBuf>),
    /// In EMF lines of a log group of AWS.
    LogGroup(LogGroup),
    /// In traces.
    Traces(Vec<PathBuf>),
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Ask {
    /// How far back from the newest event.
    pub since: Duration,
    /// Only this pool.
    pub pool: Option<String>,
    /// The objective.
    pub slo: Slo,
    /// What instances cost.
    pub prices: Prices,
    /// What the configuration says of pools.
    pub bounds: BTreeMap<String, Bounds>,
    /// Whether jobs are to be replayed.
    pub is_replayed: bool,
    /// The present.
    pub now: Timestamp,
}

/// What is known before the replay.
#[derive(Debug)]
pub struct Gathered {
    /// The report and the jobs to replay.
    pub described: Described,
    /// Lines that could not be read; each was named on stderr.
    pub unreadable: u64,
}

/// Reads all jobs of the source and describes them.
///
/// # Errors
/// When it cannot be read, or holds no job.
pub fn gather(
    source: &Source,
    ask: &Ask,
    config: &crate::config::Config,
) -> Result<Gathered, Failure> {
    match source {
        Source::Store(path) => store::gather(path, &path.display().to_string(), ask),
        Source::Events(paths) => store::of_events(paths, ask, config),
        Source::LogGroup(group) => store::of_log_group(group, ask, config),
        Source::Traces(paths) => traces::gather(paths, ask),
    }
}

impl Ask {
    /// What is asked of facts whose newest is of `newest`; `counted` are the days and pools of all
    /// jobs, where there may be too many to replay all of them.
    fn question(&self, newest: Timestamp, counted: Option<(&Days, &Names)>) -> Question {
        let question = Question::until(newest, self.since, self.slo, self.prices.clone());
        let stretches = match counted {
            _ if !self.is_replayed => Stretches::none(),
            Some((days, pools)) => Stretches::of(days, pools, &self.prices),
            None => Stretches::default(),
        };
        Question { bounds: self.bounds.clone(), stretches, ..question }
    }

    fn about(&self, sources: Vec<String>) -> About {
        About { generated_at: self.now, sources, ..About::default() }
    }

    fn is_wanted(&self, pool: &str) -> bool {
        self.pool.as_deref().is_none_or(|wanted| wanted == pool)
    }

    fn no_jobs(&self, from: &str) -> Failure {
        let of = self.pool.as_ref().map_or(String::new(), |pool| format!(" of pool {pool}"));
        Failure::NoJobs { from: from.to_owned(), of }
    }
}
