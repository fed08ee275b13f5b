//! A recorded trace of jobs, and the deliveries that GitHub would have sent for it.
//!
//! Columns: `job_id, pool, queued_at_unix_ms, duration_ms, recorded_wait_ms, run_id,
//! run_created_at_unix_ms`. An empty `recorded_wait_ms` is a wait that nobody knows: the job is
//! played as starting at once, and without `created_at`, so that no wait is made up for it.

use std::time::Duration;

use model::{Phase, Timestamp};
use serde::Deserialize;

/// 1,931 jobs of bitcoin/bitcoin; README.md beside it tells source and licence.
const WEEK: &str = include_str!("week.csv");

/// Monday 2025-09-29 00:00 UTC: when the recorded week began.
const WEEK_BEGAN: Timestamp = Timestamp::from_secs(1_759_104_000);

/// The length of the recorded week, and what it can be moved by without moving its weekdays.
const WEEK_LEN: Duration = Duration::from_hours(7 * 24);

/// A recorded job.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Recorded {
    /// GitHub's id.
    pub job_id: u64,
    /// The label it asked for.
    pub pool: String,
    queued_at_unix_ms: i64,
    duration_ms: u64,
    recorded_wait_ms: Option<u64>,
    /// The workflow run.
    pub run_id: u64,
    /// The runner that it got; none is known of the recording.
    #[serde(skip)]
    pub runner: Option<String>,
}

impl Recorded {
    /// When it asked for a runner.
    pub fn queued_at(&self) -> Timestamp {
        Timestamp::from_millis(self.queued_at_unix_ms)
    }

    /// When it got one.
    pub fn started_at(&self) -> Timestamp {
        self.queued_at().plus(Duration::from_millis(self.recorded_wait_ms.unwrap_or(0)))
    }

    /// When it was over.
    pub fn completed_at(&self) -> Timestamp {
        self.started_at().plus(Duration::from_millis(self.duration_ms))
    }

    /// Whether anybody knows how long it waited.
    pub fn is_wait_known(&self) -> bool {
        self.recorded_wait_ms.is_some()
    }

    /// The same job, had it got this runner at this time.
    pub fn started_on(mut self, runner: &str, at: Timestamp) -> Self {
        let wait = at.saturating_since(self.queued_at()).as_millis();
        self.recorded_wait_ms = Some(u64::try_from(wait).unwrap_or(u64::MAX));
        self.runner = Some(runner.to_owned());
        self
    }

    fn moved(mut self, millis: i64) -> Self {
        self.queued_at_unix_ms += millis;
        self
    }
}

/// One webhook that GitHub would have sent.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// When it would have been sent.
    pub at: Timestamp,
    /// What it tells.
    pub phase: Phase,
    /// The place of its job in the trace.
    pub job: usize,
}

/// The recorded week, moved by whole weeks so that it is the last full one before `now`: weekdays
/// and hours stay true.
pub fn recorded_week(now: Timestamp) -> Vec<Recorded> {
    let weeks = now.saturating_since(WEEK_BEGAN).as_secs() / WEEK_LEN.as_secs();
    let weeks = i64::try_from(weeks.saturating_sub(1)).unwrap_or(0);
    let by = weeks * i64::try_from(WEEK_LEN.as_millis()).unwrap_or(0);
    read(WEEK)
        .expect("the embedded week is well-formed; a test reads it")
        .into_iter()
        .map(|job| job.moved(by))
        .collect()
}

fn read(text: &str) -> Result<Vec<Recorded>, csv::Error> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().collect()
}

/// Everything GitHub would have sent, in order of time; of one instant, in order of phase.
pub fn deliveries(jobs: &[Recorded]) -> Vec<Delivery> {
    let mut all: Vec<Delivery> = jobs
        .iter()
        .enumerate()
        .flat_map(|(job, recorded)| {
            [
                (recorded.queued_at(), Phase::Queued),
                (recorded.started_at(), Phase::InProgress),
                (recorded.completed_at(), Phase::Completed),
            ]
            .map(|(at, phase)| Delivery { at, phase, job })
        })
        .collect();
    all.sort_by_key(|delivery| (delivery.at, delivery.phase, delivery.job));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recorded_week_is_whole_and_keeps_its_weekdays() {
        let now: Timestamp = "2026-11-22T22:00:00Z".parse().unwrap();
        let week = recorded_week(now);
        assert_eq!(week.len(), 1931);
        assert_eq!(week[0].queued_at().to_string(), "2026-11-09T05:31:22Z", "a Monday morning");
        let end = week.iter().map(Recorded::completed_at).max().unwrap();
        assert!(end < now && now.saturating_since(end) < WEEK_LEN * 2);
        assert!(week.iter().all(Recorded::is_wait_known));
    }

    #[test]
    fn every_job_is_delivered_in_three_phases_in_order_of_time() {
        let week = recorded_week(Timestamp::EPOCH);
        let all = deliveries(&week);
        assert_eq!(all.len(), 3 * week.len());
        assert!(all.is_sorted_by_key(|delivery| delivery.at));
    }

    #[test]
    fn an_unknown_wait_is_played_as_an_immediate_start() {
        let text = "job_id,pool,queued_at_unix_ms,duration_ms,recorded_wait_ms,run_id,\
                    run_created_at_unix_ms\n1,linux,5000,2000,,9,5000\n";
        let job = &read(text).unwrap()[0];
        assert_eq!((job.started_at(), job.is_wait_known()), (job.queued_at(), false));
    }
}
