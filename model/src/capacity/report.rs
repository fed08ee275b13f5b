//! The report as a whole: of which time, by which measure, in short, and with which doubts.

use serde::{Deserialize, Serialize};

use super::{PoolReport, Prices};
use crate::Timestamp;

/// All of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The time that is reported. A job counts by when it asked for a runner.
    pub period: Period,
    /// The time before, of equal length, that changes are told against; `None` where the data do
    /// not reach back over all of it.
    pub previous: Option<Period>,
    /// When the report was made.
    pub generated_at: Timestamp,
    /// Which files or store it was made from, as the reader named them.
    pub sources: Vec<String>,
    /// The objective that waits are measured by.
    pub slo: Slo,
    /// What instances cost.
    pub prices: Prices,
    /// One paragraph in plain English, without markup.
    pub summary: String,
    /// The figures a reader looks for first, of all pools together.
    pub headline: Vec<Figure>,
    /// The pools, the one with the most jobs first.
    pub pools: Vec<PoolReport>,
    /// What limits the report, the gravest first. Rendered at the top.
    pub warnings: Vec<Warning>,
    /// How figures were found, a sentence each. Rendered at the end.
    pub method: Vec<String>,
}

impl Report {
    /// Why a pool was not replayed, where that was asked for.
    pub fn not_replayed(&self, pool: &PoolReport) -> Option<&Warning> {
        let mut concerning = self.warnings.iter().filter(|warning| {
            warning.subject == Subject::Replay && warning.pool.as_ref() == Some(&pool.name)
        });
        concerning.next().filter(|_| pool.advice.is_none())
    }
}

/// A stretch of time. Both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// Its first instant.
    pub from: Timestamp,
    /// Its last instant: of the reported period, that of the newest event.
    pub to: Timestamp,
}

impl Period {
    /// How long it is, in seconds.
    pub fn secs(&self) -> f64 {
        self.to.saturating_since(self.from).as_secs_f64()
    }

    /// Whether `at` lies in it.
    pub fn contains(&self, at: Timestamp) -> bool {
        (self.from..=self.to).contains(&at)
    }
}

/// The objective: this share of the jobs waits no longer than this.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slo {
    /// The longest wait within the objective.
    pub wait_secs: f64,
    /// The share of the jobs that is to be within it, 0..=1.
    pub share: f64,
}

/// A headline figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// What it is, for machines: `jobs`, `wait_p95_secs`, `within_slo`, `concurrency_p95`,
    /// `runner_hours`, `cost`.
    pub name: String,
    /// What it is, for people: `p95 wait`.
    pub title: String,
    /// `jobs`, `seconds`, `share`, `runners`, `hours` or the currency.
    pub unit: String,
    /// Its value; `None` where it is not known.
    pub value: Option<f64>,
    /// Against the previous period; `None` where there is none.
    pub change: Option<Change>,
}

/// A change against the previous period.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The figure then.
    pub previous: f64,
    /// `value - previous`, in the unit of the figure.
    pub difference: f64,
    /// `value / previous - 1`; `None` where it was zero then.
    pub relative: Option<f64>,
}

/// Something that limits what the report can say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// What it is about.
    pub subject: Subject,
    /// The pool it concerns; `None`: all.
    pub pool: Option<String>,
    /// What is the matter, in a sentence.
    pub text: String,
    /// What follows for the figures, in a sentence.
    pub effect: String,
}

/// What a warning is about; the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Lines could not be read.
    UnreadableLines,
    /// Events seem to be missing.
    Gap,
    /// There are too few jobs or days.
    TooLittleData,
    /// Jobs started whose wait nobody knows.
    UnknownWaits,
    /// Stamps contradict each other.
    Clock,
    /// Jobs fit no pool.
    Unrouted,
    /// Events of jobs were lost, or jobs were never heard of again.
    LostEvents,
    /// Series of instances could not be read.
    Instances,
    /// A table or a sample was cut.
    Truncated,
    /// The replay does not tell all.
    Replay,
}
