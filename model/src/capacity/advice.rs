//! What the replay of a pool's jobs tells: what to set, and what each choice would have given.
//!
//! Filled by whoever replays; the description of the jobs leaves it out.

use serde::{Deserialize, Serialize};

/// What to set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recommendation {
    /// `runners_min`.
    pub runners_min: u32,
    /// `runners_max`; `None`: no limit.
    pub runners_max: Option<u32>,
    /// Stopped instances, as one number: the smallest constant pool that meets the objective, or,
    /// where none does, what the recommended rule held on average. [`Advice::held_max`] is its most.
    pub warm_pool: u32,
    /// `stopped`, as it is written in the configuration: `"auto"`, `20`, `{ share = 0.97 }`.
    pub stopped: String,
    /// Seconds of an instance that a second of wait is worth (w): the lowest that was tried of which
    /// a stopped pool sized by it meets the objective; `None` where none does.
    pub patience: Option<f64>,
    /// Hours of the week with other idle runners than none, in UTC; empty: none is worth it.
    pub schedule: Vec<ScheduleWindow>,
    /// The `[[pool]]` of `headroom.toml` to paste.
    pub config: String,
    /// The same as properties of an Auto Scaling group and its warm pool in `CloudFormation`: names
    /// and values. Its warm pool has the constant size [`Recommendation::warm_pool`].
    pub cloudformation: Vec<(String, String)>,
    /// Its waits and bill in the replay.
    pub predicted: FrontierPoint,
    /// Whether that meets the objective with a margin: a tenth of the misses that it allows, a quarter
    /// where fewer than three weeks are measured.
    pub is_slo_met: bool,
    /// Why this, in a sentence or two.
    pub because: String,
}

/// Idle runners in some hours of the week, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleWindow {
    /// 0 is Monday.
    pub first_day: u8,
    /// Included.
    pub last_day: u8,
    /// The first hour of each of these days.
    pub from_hour: u8,
    /// The hour at which it ends, 24 at most.
    pub to_hour: u8,
    /// Idle runners.
    pub runners: u32,
}

/// One policy in the replay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrontierPoint {
    /// What was replayed, as `headroom simulate` calls it: `stopped-pool:20`; also `current`,
    /// `recommended`, and `headroom:share=0.97` and the like for variants of the plan itself.
    pub policy: String,
    /// The same in words: `20 stopped`.
    pub title: String,
    /// Which part it plays in the chart.
    pub role: Role,
    /// Mean wait, in seconds.
    pub wait_mean_secs: f64,
    /// Median wait, in seconds.
    pub wait_p50_secs: f64,
    /// 95th percentile of the wait, in seconds.
    pub wait_p95_secs: f64,
    /// The share of the jobs within the objective.
    pub within_slo: f64,
    /// Instance time as a multiple of the least possible: each job's duration and one boot.
    pub bill_over_oracle: f64,
    /// Instance-hours a week: running ones, and stopped ones at their part of the price.
    pub instance_hours_per_week: f64,
    /// The same in money; `None` without a price.
    pub cost_per_week: Option<f64>,
    /// Instances at one time at most, stopped ones not counted.
    pub runners_max_used: u64,
    /// Jobs that waited for a day and were given up; they are in no wait.
    pub unserved: u64,
    /// Uncertainty, by drawing whole weeks anew; `None` where there are too few.
    pub band: Option<Band>,
}

/// The part of a policy in the chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// What is set today.
    Current,
    /// What is recommended.
    Recommended,
    /// Stopped instances, as many as the demand is worth.
    SelfSizing,
    /// A constant number of stopped instances.
    StoppedPool,
    /// Idle runners.
    HotPool,
    /// Idle runners in some hours of the week.
    Schedule,
    /// One instance for each webhook, nothing held.
    PerWebhook,
    /// What others do.
    Peer,
    /// The least possible.
    Bound,
}

/// A 90 % band of waits and bill.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// Of the median wait: low and high, in seconds.
    pub wait_p50_secs: (f64, f64),
    /// Of the 95th percentile.
    pub wait_p95_secs: (f64, f64),
    /// Of the share of the jobs within the objective.
    pub within_slo: (f64, f64),
    /// Of the bill over the least possible.
    pub bill_over_oracle: (f64, f64),
    /// What was drawn.
    pub block: Block,
    /// How many there were to draw from.
    pub blocks: u32,
    /// How often.
    pub draws: u32,
}

/// What is drawn anew for a band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// Whole weeks.
    Week,
    /// Days, because there are fewer than three weeks: the band is too narrow to mean much.
    Day,
    /// Nothing: there is no band.
    None,
}

/// What another `runners_max` would have given, the recommendation else the same.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MaxPoint {
    /// `runners_max`.
    pub runners_max: u32,
    /// Median wait, in seconds.
    pub wait_p50_secs: f64,
    /// 95th percentile of the wait, in seconds.
    pub wait_p95_secs: f64,
    /// The share of the jobs within the objective.
    pub within_slo: f64,
    /// Instance time as a multiple of the least possible.
    pub bill_over_oracle: f64,
    /// Jobs that waited for a day and were given up; they are in no wait.
    pub unserved: u64,
}

/// What a warm pool does for this fleet, beside the 70 to 80 % less wait that is often promised.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Promise {
    /// Mean wait without any stock, in seconds.
    pub cold_mean_secs: f64,
    /// Mean wait with the recommended stock, in seconds.
    pub warm_mean_secs: f64,
    /// `1 - warm / cold`.
    pub reduction: f64,
    /// What the stock adds to the bill, as a part of it.
    pub bill_added: f64,
}

/// What one lever does for these jobs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lever {
    /// `baseline`, `boot_time`, `stopped_pool`, `cooldown`, `poll`, `self_sizing` or `hot_spare`.
    pub name: String,
    /// What was replayed.
    pub title: String,
    /// What to know of it.
    pub note: String,
    /// Mean wait, in seconds.
    pub wait_mean_secs: f64,
    /// Median wait, in seconds.
    pub wait_p50_secs: f64,
    /// 95th percentile of the wait, in seconds.
    pub wait_p95_secs: f64,
    /// The share of the jobs within the objective.
    pub within_slo: f64,
    /// Instance time as a multiple of the least possible with the present image.
    pub bill_over_oracle: f64,
}

/// How well the replay of the present setting gives back the waits that were recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fidelity {
    /// What was replayed as the present setting.
    pub setting: String,
    /// Nobody told the present setting: this one came nearest to the recorded waits.
    pub is_fitted: bool,
    /// Jobs whose recorded wait is known.
    pub jobs: u64,
    /// Recorded median and 95th percentile, in seconds.
    pub recorded_secs: (f64, f64),
    /// Replayed median and 95th percentile of the same jobs, in seconds.
    pub replayed_secs: (f64, f64),
    /// By which factor percentiles differ, typically: the geometric mean over p50, p75, p90, p95
    /// and p99, with five seconds added to each.
    pub off_by: f64,
    /// What follows from it, in a sentence.
    pub verdict: String,
}

/// Which jobs were replayed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// From when.
    pub from: crate::Timestamp,
    /// To when.
    pub to: crate::Timestamp,
    /// Jobs that were replayed, the learning ones included.
    pub jobs: u64,
    /// Jobs of the data that were not.
    pub left_out: u64,
}

/// What the first days of the sample were used for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Learned {
    /// Days that teach and are not measured.
    pub days: f64,
    /// Jobs that are measured, and got a runner.
    pub jobs_measured: u64,
    /// What is drawn anew for the bands.
    pub block: Block,
    /// How many of them there are.
    pub blocks: u32,
}

/// All that the replay tells beside the frontier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Advice {
    /// Which jobs were replayed.
    pub sample: Share,
    /// What the first days were used for.
    pub learned: Learned,
    /// What another `runners_max` would have given, in rising order.
    pub sweep: Vec<MaxPoint>,
    /// The least `runners_max` that takes nothing from the recommendation.
    pub max_enough: Option<u32>,
    /// Stopped instances that the recommended rule held, on average.
    pub held_mean: f64,
    /// The most it held.
    pub held_max: u32,
    /// What it held on average in each of the 168 hours of the week, Monday 0 h first, UTC; empty
    /// where it never held any.
    pub held_by_hour: Vec<f64>,
    /// What a warm pool does for this fleet.
    pub promise: Option<Promise>,
    /// What each lever does, in the order in which it is worth pulling, after the baseline.
    pub levers: Vec<Lever>,
    /// How far to trust it; `None` where too few waits were recorded.
    pub fidelity: Option<Fidelity>,
    /// What is assumed of instances, a sentence each: boot, warm start, price of a stopped one.
    pub assumptions: Vec<String>,
}
