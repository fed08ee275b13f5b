//! How often an instance must be used to be worth holding, learned from what happened.
//!
//! For each job that came it is noted how often the stopped instance that it would have used was
//! expected to be used, by what was known before. To have served 95 % of the jobs, all instances
//! with an expected use above the 5 % quantile of these should have been held. Whatever the model
//! gets wrong about this fleet, it got wrong in these notes too, so the share comes out right.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

/// Below this much patience nothing is gained by holding more.
pub const PATIENCE_MIN: f64 = 0.6;

/// No fleet is made to pay more than this for a second of a job's wait, however wild its bursts.
pub const PATIENCE_MAX: f64 = 40.0;

/// What a note counts for after each further one: half after 7,000 jobs.
const KEPT: f64 = 0.9999;

/// So many jobs the usual patience counts for beside what was noted.
const PRIOR_JOBS: f64 = 500.0;

/// Eight steps double the rate.
const STEPS_PER_OCTAVE: f64 = 8.0;

/// The rate of the first step, uses a second: less than one in thirty years.
const LOWEST_PER_SEC: f64 = 1e-9;

/// 50 octaves up from the lowest rate.
const STEPS: usize = 400;

/// Jobs by how often the instance that they would have used was expected to be used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    jobs: Vec<f64>,
    total: f64,
    /// What one more job counts for. It grows instead of the rest shrinking.
    weight: f64,
}

impl Default for Calibration {
    fn default() -> Self {
        Calibration { jobs: vec![0.0; STEPS], total: 0.0, weight: 1.0 }
    }
}

impl Calibration {
    /// Whether it has an entry for each step.
    pub fn is_whole(&self) -> bool {
        self.jobs.len() == STEPS
    }

    /// A job would have used an instance of that use.
    pub fn note(&mut self, used_per_sec: f64) {
        self.weight /= KEPT;
        self.jobs[step(used_per_sec)] += self.weight;
        self.total += self.weight;
        if self.weight > WEIGHT_MAX {
            self.scale_down();
        }
    }

    fn scale_down(&mut self) {
        for jobs in &mut self.jobs {
            *jobs /= self.weight;
        }
        self.total /= self.weight;
        self.weight = 1.0;
    }

    /// The use a second from which an instance is worth holding so that `share` of the jobs find
    /// one; within `bounds`, and near `prior` while little is known.
    pub fn worth(&self, share: f64, prior: f64, bounds: RangeInclusive<f64>) -> f64 {
        let jobs = self.total / self.weight;
        let part = jobs / (jobs + PRIOR_JOBS);
        let (lowest, highest) = bounds.into_inner();
        let learned = self.quantile(1.0 - share).max(lowest).min(highest);
        (part * learned.ln() + (1.0 - part) * prior.ln()).exp()
    }

    fn quantile(&self, part: f64) -> f64 {
        let mut sum = 0.0;
        let reached = self.jobs.iter().position(|jobs| {
            sum += jobs;
            sum > part * self.total
        });
        reached.map_or(0.0, rate)
    }
}

/// Long before the weight of a note loses digits.
const WEIGHT_MAX: f64 = 1e6;

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
fn step(used_per_sec: f64) -> usize {
    if used_per_sec <= LOWEST_PER_SEC {
        return 0;
    }
    let step = (used_per_sec / LOWEST_PER_SEC).log2() * STEPS_PER_OCTAVE;
    (step as usize).min(STEPS - 1)
}

#[expect(clippy::cast_precision_loss, reason = "at most STEPS")]
fn rate(step: usize) -> f64 {
    LOWEST_PER_SEC * (step as f64 / STEPS_PER_OCTAVE).exp2()
}
