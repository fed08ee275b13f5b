//! One pool: its jobs, its waits, what ran, what was lost, and what is advised.

use serde::{Deserialize, Serialize};

use super::{Advice, Boots, Cost, FrontierPoint, HourOfWeek, Recommendation, Table, Wait, Waste};
use crate::Timestamp;

/// One pool in the period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PoolReport {
    /// Its name.
    pub name: String,
    /// Jobs that asked for a runner in the period, whatever became of them.
    pub jobs: u64,
    /// What became of them.
    pub job_counts: JobCounts,
    /// How long they waited, in seconds, to 0.05 % and at least 0.05 s.
    pub wait_secs: Wait,
    /// The share of them that waited no longer than the objective; `None` without a known wait.
    pub within_slo: Option<f64>,
    /// Jobs with a runner at one time.
    pub concurrency: Concurrency,
    /// Hours with a runner within the period, those of jobs that asked before included.
    pub runner_hours: f64,
    /// What these cost.
    pub cost: Cost,
    /// How long jobs ran, in seconds: those that ended and had a runner.
    pub duration_secs: Wait,
    /// By repository.
    pub repositories: Table,
    /// By repository and workflow: `octo/cat: build`.
    pub workflows: Table,
    /// By runner group.
    pub runner_groups: Table,
    /// The 168 hours of the week: demand, waits and what ran. The heat map.
    pub hours_of_week: Vec<HourOfWeek>,
    /// Jobs that asked at nearly the same time.
    pub bursts: Bursts,
    /// How the number of running jobs went, at most [`PoolReport::POINTS_MAX`] steps of equal
    /// length.
    pub concurrency_over_time: Vec<ConcurrencyPoint>,
    /// The length of such a step, in seconds.
    pub step_secs: f64,
    /// What the pool could have run.
    pub capacity: Capacity,
    /// Instance time without a job; `None` where nothing counted instances.
    pub waste: Option<Waste>,
    /// How instances became runners; `None` where nothing told of any.
    pub boots: Option<Boots>,
    /// The longest waits, the longest first.
    pub slowest: Vec<SlowJob>,
    /// Events that never came.
    pub lost: LostEvents,
    /// What to set; `None` where the replay cannot tell, and a warning says why.
    pub recommendation: Option<Recommendation>,
    /// Waits and bill of each policy in the replay, the cheapest first; empty where there was none.
    pub frontier: Vec<FrontierPoint>,
    /// The rest of what the replay tells; `None` where there was none.
    pub advice: Option<Advice>,
}

impl PoolReport {
    /// Steps of [`PoolReport::concurrency_over_time`]: half a day is seen in a period of half a year.
    pub const POINTS_MAX: usize = 336;

    /// The longest waits that are named.
    pub const SLOWEST_MAX: usize = 20;
}

/// What became of the jobs that asked for a runner in the period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobCounts {
    /// Got a runner after a known wait.
    pub started: u64,
    /// Got a runner, and nobody knows how long they waited. In no figure about waits.
    pub wait_unknown: u64,
    /// Waited still at the end of the period.
    pub waiting: u64,
    /// Ended without a runner: cancelled while they waited, or failed for want of one.
    pub ended_waiting: u64,
    /// Queued, and not heard of for more than 24 hours: given up for lost. In no figure about waits.
    pub ghosts: u64,
    /// Skipped or held for approval; they never asked, and are not among the jobs.
    pub never_asked: u64,
    /// Waits that stamps made negative, counted as zero.
    pub waits_clamped: u64,
    /// Durations that stamps made negative, counted as zero.
    pub durations_clamped: u64,
}

/// Jobs with a runner at one time, over all instants of the period: weighted by time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Concurrency {
    /// On average.
    pub mean: f64,
    /// Not more than this for 95 % of the time.
    pub p95: u64,
    /// At most.
    pub max: u64,
}

/// One step of time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConcurrencyPoint {
    /// When it begins.
    pub at: Timestamp,
    /// Jobs with a runner, on average.
    pub mean: f64,
    /// At most.
    pub max: u64,
    /// Instances of the pool, busy, idle or booting, on average; `None` where nothing counted them.
    pub runners: Option<f64>,
}

/// What the pool could have run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Capacity {
    /// `runners_min` of the configuration; `None` where the pool is not configured.
    pub runners_min: Option<u32>,
    /// `runners_max` of the configuration; `None` where there is no limit or the pool is not
    /// configured.
    pub runners_max: Option<u32>,
    /// The share of the period in which as many jobs ran as [`Capacity::runners_max`].
    pub time_at_max: Option<f64>,
}

/// A job that waited long.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlowJob {
    /// GitHub's id of it.
    pub job: u64,
    /// Its run.
    pub run: u64,
    /// Its name.
    pub name: String,
    /// Its repository; `None` where nobody told.
    pub repository: Option<String>,
    /// Its workflow; `None` where nobody told.
    pub workflow: Option<String>,
    /// Its page at GitHub; `None` where its repository is not known.
    pub url: Option<String>,
    /// When it asked for a runner.
    pub queued_at: Timestamp,
    /// How long it waited, in seconds; so far, while `is_waiting`.
    pub wait_secs: f64,
    /// It waited still at the end of the period.
    pub is_waiting: bool,
    /// Jobs of the pool that had a runner when it asked.
    pub running_then: u64,
}

/// Jobs that asked at nearly the same time: a push fans out into a matrix.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bursts {
    /// Two jobs that asked within this many seconds are of one burst.
    pub gap_secs: f64,
    /// How many bursts there were, those of one job included.
    pub count: u64,
    /// How many an hour.
    pub per_hour: f64,
    /// Jobs in a burst, on average.
    pub jobs_mean: f64,
    /// Half of the bursts have no more jobs.
    pub jobs_p50: u64,
    /// 95 % of them.
    pub jobs_p95: u64,
    /// The largest.
    pub jobs_max: u64,
    /// When the largest began.
    pub largest_at: Option<Timestamp>,
    /// `(least size, bursts)`: of 1, 2, 3 to 4, 5 to 8, ... jobs, each up to below the next.
    pub sizes: Vec<(u64, u64)>,
}

/// Events that never came, of the jobs of the period. A trace tells of none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostEvents {
    /// Jobs that got a runner although their `queued` was not seen.
    pub queued_unseen: u64,
    /// Jobs that ended with a runner although their `in_progress` was not seen.
    pub in_progress_unseen: u64,
    /// Jobs that ran and were not heard of for 5 days.
    pub completed_unseen: u64,
    /// Jobs that were queued and not heard of for 24 hours.
    pub ghosts: u64,
}
