//! What the host hands over: everything on the page, as plain values.

use crate::views::{AlarmList, Decision, DecisionList, JobList, JobStory, Scaling};
use crate::{AlarmRow, Grid, JobRow, Range, Section, Series, View};

/// One view of the page. All lists arrive sorted; nothing is filtered here.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Where the data stands, in milliseconds since the Unix epoch. Ages count up to here.
    pub now_ms: i64,
    /// The version of the binary, such as `0.1.0`.
    pub version: &'static str,
    /// What is looked at.
    pub view: View,
    /// The time steps of every series on the page.
    pub grid: Grid,
    /// Things to know before reading on, most severe first.
    pub banners: Vec<Banner>,
    /// The alarms that fire, most severe first; `None` where no alarms are evaluated.
    pub firing: Option<Vec<AlarmRow>>,
    /// What the filter offers.
    pub choices: Choices,
    /// Jobs without a runner now, of the chosen pool or of all; for the title.
    pub waiting: u32,
    /// When the last authentic webhook of any kind arrived (milliseconds since the epoch).
    pub last_delivery_ms: Option<i64>,
    /// What is shown.
    pub content: Content,
}

/// What a view shows.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Nothing was ever heard: the address to enter at GitHub, such as
    /// `https://ci.example.org/webhook`.
    FirstSteps(String),
    /// All pools, or one.
    Overview(Box<Overview>),
    /// A board as it is defined.
    Board(BoardView),
    /// A list of jobs.
    Jobs(JobList),
    /// One job.
    Job(Box<JobStory>),
    /// What the scaler decided.
    Decisions(DecisionList),
    /// One decision.
    Decision(Box<Decision>),
    /// How the alarms stand and stood.
    Alarms(AlarmList),
    /// A runbook's Markdown.
    Runbook(String),
    /// What was asked for is not there: what that is, and what to do.
    Missing(String, String),
}

/// All pools, or one.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    /// The figures for someone who has three seconds.
    pub headline: Headline,
    /// The pools; empty where one is looked at.
    pub pools: PoolTable,
    /// The charts.
    pub sections: Vec<Section>,
    /// What the scaler does; `None` while it is off.
    pub scaling: Option<Scaling>,
    /// Jobs without a runner, oldest first; at most 15 are worth showing.
    pub longest_waiting: Vec<JobRow>,
    /// Jobs by their last change, newest first; at most 15 are worth showing.
    pub recent: Vec<JobRow>,
}

/// A board as it is defined.
#[derive(Debug, Clone, PartialEq)]
pub struct BoardView {
    /// What it is called.
    pub title: String,
    /// The question that it answers.
    pub description: String,
    /// What it shows.
    pub sections: Vec<Section>,
}

/// What the filter offers. Both may be cut short: a name can always be typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    /// Names of pools.
    pub pools: Vec<String>,
    /// Names of repositories.
    pub repositories: Vec<String>,
}

/// A notice above everything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Banner {
    /// How loudly it is shown.
    pub severity: Severity,
    /// What is the case, as one sentence.
    pub text: String,
    /// What to do about it, if anything.
    pub remedy: Option<String>,
}

/// How much a notice should interrupt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Good to know, such as "this is recorded data".
    Info,
    /// Works, but not as intended.
    Warning,
    /// Figures are missing or wrong until someone acts.
    Critical,
}

/// The figures for someone who has three seconds, already narrowed to the chosen pool.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headline {
    /// Jobs without a runner now.
    pub waiting: u32,
    /// Age of the longest waiting job in milliseconds; `None` if none waits.
    pub oldest_ms: Option<i64>,
    /// The pool of that job, where there are several.
    pub oldest_in: Option<String>,
    /// Jobs on a runner now.
    pub running: u32,
    /// Waits of the jobs that started within the stretch of time.
    pub waits: Waits,
    /// Jobs that arrived within it.
    pub arrivals: u32,
}

/// Percentiles of waits in milliseconds; `None` if no job started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waits {
    /// Half of the jobs waited at most this long.
    pub p50_ms: Option<i64>,
    /// 95 of 100 jobs waited at most this long.
    pub p95_ms: Option<i64>,
}

/// One page of the table of pools.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PoolTable {
    /// Its rows.
    pub rows: Vec<PoolRow>,
    /// Pools that are searched for.
    pub found: usize,
    /// All pools.
    pub all: usize,
    /// Pages that those found make.
    pub pages: u32,
    /// The steps of the small charts.
    pub grid: Grid,
}

/// One pool, now and over the compared ranges.
#[derive(Debug, Clone, PartialEq)]
pub struct PoolRow {
    /// The pool's name, as configured or made from its labels.
    pub name: String,
    /// Jobs without a runner now.
    pub waiting: u32,
    /// Age of its longest waiting job in milliseconds.
    pub oldest_ms: Option<i64>,
    /// Jobs on a runner now.
    pub running: u32,
    /// Waits per range, in the order of [`Range::COMPARED`].
    pub waits: [Waits; Range::COMPARED.len()],
    /// Jobs that arrived within the last day.
    pub arrivals: u32,
    /// Jobs waiting over the last day; empty draws nothing.
    pub waiting_trend: Series,
}
