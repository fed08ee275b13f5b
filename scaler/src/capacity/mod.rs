//! The description of a team's jobs, streamed: who waited and for how long, what ran, what it cost.
//!
//! In: a [`Question`] and one [`Fact`] for each job, in batches and in any order. Out: a
//! [`Report`](model::capacity::Report) whose parts of the replay are empty, and a [`Sample`] of each
//! pool for whoever replays. A job counts by when it asked for a runner; runner time counts by the
//! instants at which it passed.
//!
//! Memory does not grow with the jobs but for the instants at which something changed, and these
//! are rounded once they are too many ([`Tally`]); tables and names have limits. What a limit took
//! away is said in the report.
//!
//! * Waits, those included that go on: [`bins`].
//! * Jobs at one time, weighted by time: [`levels`] over [`steps`].
//! * Repositories, workflows, runner groups: [`rows`].
//! * Runner time, money, spot: [`spend`].
//! * Which jobs are replayed: [`stretch`].

mod bins;
mod bursts;
mod cells;
mod days;
mod describe;
mod fact;
mod gaps;
mod grain;
mod headline;
mod known;
mod levels;
mod method;
mod names;
mod pool;
mod rows;
mod sample;
mod slowest;
mod spend;
mod steps;
mod stretch;
mod summary;
mod tally;
#[cfg(test)]
#[expect(clippy::float_cmp, reason = "sums of whole seconds are exact")]
mod tests;
mod warnings;
mod words;

pub use bursts::BURST_GAP_MS;
pub use days::Days;
pub use describe::{About, Described};
pub use fact::{Batch, Fact, Fate};
pub use known::Known;
pub use names::{NAMES_MAX, Name, Names, POOLS_MAX, Vocabulary};
pub use rows::ROWS_SHOWN_MAX;
pub use sample::{Sample, SampleJob};
pub use spend::long_job_secs;
pub use stretch::{JOBS_ALL_MAX, JOBS_MAX, Stretch, Stretches};
pub use summary::day;
pub use tally::{Bounds, Question, Tally};
pub use words::{hours, length, money, number, percent};

#[expect(clippy::cast_precision_loss, reason = "a figure for reading; counts stay below 2^53")]
fn count(n: u64) -> f64 {
    n as f64
}

/// `part / whole`; zero of nothing.
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { count(part) / count(whole) }
}

fn secs_of(ms: u64) -> f64 {
    count(ms) / 1000.0
}

fn hours_of(ms: u64) -> f64 {
    count(ms) / 3_600_000.0
}
