//! What the host hands over: everything on the page, as plain values.

use crate::{Charts, JobRow, Range, Scaling, Series};

/// One view of the page. All lists arrive sorted; nothing is filtered here.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Where the data stands, in milliseconds since the Unix epoch. Ages count up to here.
    pub now_ms: i64,
    /// The version of the binary, such as `0.1.0`.
    pub version: &'static str,
    /// How far back headline, charts and arrivals look.
    pub range: Range,
    /// The pool that headline, charts and job lists are narrowed to; `None` is all pools.
    pub pool: Option<String>,
    /// Things to know before reading on, most severe first.
    pub banners: Vec<Banner>,
    /// The figures for someone who has three seconds.
    pub headline: Headline,
    /// Every pool, worst first, whatever `pool` says. Empty means no job was ever seen.
    pub pools: Vec<PoolRow>,
    /// The time series of the range.
    pub charts: Charts,
    /// What the scaler does; `None` while it is off.
    pub scaling: Option<Scaling>,
    /// Jobs without a runner, oldest first; at most 20 are worth showing.
    pub longest_waiting: Vec<JobRow>,
    /// Jobs by their last change, newest first; at most 30 are worth showing.
    pub recent: Vec<JobRow>,
    /// The address to enter at GitHub, such as `https://ci.example.org/webhook`.
    pub webhook_url: String,
    /// When the last authentic webhook of any kind arrived (milliseconds since the epoch).
    pub last_delivery_ms: Option<i64>,
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
    /// Jobs on a runner now.
    pub running: u32,
    /// Waits of the jobs that started within the range.
    pub waits: Waits,
    /// Jobs that arrived within the range.
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

/// One pool, now and over every range.
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
    /// Waits per range, in the order of [`Range::ALL`].
    pub waits: [Waits; Range::ALL.len()],
    /// Jobs that arrived within the chosen range.
    pub arrivals: u32,
    /// Jobs waiting over the chosen range, on the grid of the charts; empty draws nothing.
    pub waiting_trend: Series,
}
