//! What is true in the simulated world, whatever a contender believes.

use std::time::Duration;

use model::Timestamp;

use super::Faults;

/// One job of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    /// When it asked for a runner.
    pub queued_at: Timestamp,
    /// How long it has one.
    pub duration: Duration,
}

/// How the world works. The default is that of EC2 with an image that is not prepared much.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// From the order of an instance to its idle runner; billed as running.
    pub cold_start: Duration,
    /// The same where a stopped instance is started; billed as running.
    pub warm_start: Duration,
    /// From the end of a preparation until the instance can be started; not billed. The preparation
    /// itself takes and bills a `cold_start`.
    pub stopping: Duration,
    /// From a job being queued to the decision that its webhook causes.
    pub webhook_delay: Duration,
    /// Scheduled decisions are made so often, at whole multiples since the epoch.
    pub tick: Duration,
    /// What a stopped instance costs, as a part of a running one.
    pub stopped_cost: f64,
    /// What happens so long after the first job was queued teaches and is not measured. A job
    /// counts by when it was queued. An instance that ran a job is billed in whole or not at all,
    /// as its job counts; one that never ran a job, a stopped one and a preparation are billed for
    /// the seconds after this.
    pub learn: Duration,
    /// A wait up to this is within the objective.
    pub wait_slo: Duration,
    /// What goes wrong.
    pub faults: Faults,
    /// Makes what goes wrong repeatable.
    pub seed: u64,
    /// Makes every tick a decision, also where it is known to change nothing: slow, to check that.
    pub every_tick: bool,
}

impl Default for Setting {
    fn default() -> Self {
        Setting {
            cold_start: Duration::from_mins(2),
            warm_start: Duration::from_secs(25),
            stopping: Duration::from_secs(30),
            webhook_delay: Duration::from_secs(3),
            tick: Duration::from_secs(10),
            stopped_cost: 0.025,
            learn: Duration::ZERO,
            wait_slo: Duration::from_secs(30),
            faults: Faults::default(),
            seed: 0,
            every_tick: false,
        }
    }
}
