//! A world to prove decisions in: jobs arrive, instances boot, stop and fail, and a contender
//! decides. The contender `headroom` is the real [`plan`](crate::plan) with the real
//! [`Model`](crate::forecast::Model).
//!
//! Deterministic: the same jobs, setting and seed give the same outcome to the last bit. Memory
//! follows the jobs that wait or run, not the length of the trace: jobs are streamed.
//!
//! The group behaves as an EC2 Auto Scaling group with a warm pool: raising its desired capacity
//! starts stopped instances first and boots the rest; it prepares others until the warm pool has its
//! size; what is taken out lowers it. Runners are ephemeral, alike, and take the oldest queued job.

mod contender;
mod faults;
mod outcome;
mod world;

use std::time::Duration;

use model::Timestamp;

use crate::{Plan, Policy, Snapshot};

pub use contender::{Contender, ContenderError};
pub use faults::{Faults, FaultsError};
pub use outcome::Outcome;

/// One job of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    /// When it asked for a runner.
    pub queued_at: Timestamp,
    /// How long it runs once it has one.
    pub duration: Duration,
}

/// The world that a contender is put into.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// What `headroom` is told, and what times and costs the world has.
    pub policy: Policy,
    /// From a job's being queued until a contender that acts on webhooks decides about it.
    pub webhook_delay: Duration,
    /// The jobs of so long from the first one teach and are not measured.
    pub learn: Duration,
    /// A job has waited well when it waited no longer than this.
    pub slo: Duration,
    /// What goes wrong.
    pub faults: Faults,
    /// What chance is drawn from.
    pub seed: u64,
    /// Whether ticks that can change nothing are left out. The outcome is the same.
    pub skips: bool,
}

/// Between two scheduled ticks of `headroom`.
pub const TICK: Duration = Duration::from_secs(10);

impl Setting {
    /// The setting of the reference figures: nothing goes wrong, a week teaches.
    pub fn new(policy: Policy) -> Self {
        let slo = policy.times.warm_start + Duration::from_secs(5);
        Setting {
            policy,
            webhook_delay: Duration::from_secs(3),
            learn: Duration::from_hours(7 * 24),
            slo,
            faults: Faults::default(),
            seed: 1,
            skips: true,
        }
    }
}

/// What looks on: each decision of `headroom` that was asked for, in order.
pub type Watch<'a> = &'a mut dyn FnMut(&Snapshot, &Plan);

/// Lets `contender` serve `jobs`, which come in order of time, and tells how it went.
pub fn run(
    jobs: impl Iterator<Item = Job>,
    contender: &Contender,
    setting: &Setting,
    watch: Watch<'_>,
) -> Outcome {
    match contender {
        Contender::Oracle => outcome::oracle(jobs, setting, Duration::ZERO),
        Contender::WarmOracle => outcome::oracle(jobs, setting, setting.policy.times.warm_start),
        _ => world::World::new(contender, setting, watch).run(jobs),
    }
}

#[cfg(test)]
mod tests;
