//! What came of it.

use super::Waits;

/// The figures of one contender on one pool, or of several pools together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Measured jobs that got a runner; an interrupted one counts again when it runs again.
    pub jobs: u64,
    /// How long these waited.
    pub waits: Waits,
    /// Those of them that waited no longer than the objective.
    pub jobs_within_slo: u64,
    /// Jobs that were cancelled while they waited.
    pub cancelled: u64,
    /// Jobs that waited for a day, and were given up without a runner; they are in no other figure.
    pub given_up: u64,
    /// Jobs whose instance was taken away; each is queued again at once, as a new attempt.
    pub interrupted: u64,
    /// What it cost.
    pub bill: Bill,
    /// What the oracle pays for the same jobs: duration and one boot each, in seconds of a running
    /// instance. A repeated attempt is not in it.
    pub oracle_secs: f64,
    /// Stopped instances that were started.
    pub warm_starts: u64,
    /// Instances that were booted.
    pub cold_launches: u64,
    /// Instances of these two that left without having run a job.
    pub unused_launches: u64,
    /// Instances of these two that were still there, without a job, when the last job was over.
    pub left_over: u64,
    /// Instances that were prepared for the stopped pool, dropped ones included.
    pub preparations: u64,
    /// The most members of the group at one time, booting ones included and stopped ones not. Of
    /// several pools: the sum of their peaks, which is an upper bound because they peak apart.
    pub peak: u64,
    /// Decisions that were made, ticks that were left out not counted, the learning days included.
    pub decisions: u64,
}

/// What it cost, in seconds of a running instance.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bill {
    /// Booting, idle and busy.
    pub running_secs: f64,
    /// Stopped, at the price of a stopped instance.
    pub stopped_secs: f64,
    /// Booting once to be stopped.
    pub preparing_secs: f64,
}

impl Outcome {
    /// Adds another pool's.
    pub fn merge(&mut self, other: &Outcome) {
        self.jobs += other.jobs;
        self.waits.merge(&other.waits);
        self.jobs_within_slo += other.jobs_within_slo;
        self.cancelled += other.cancelled;
        self.given_up += other.given_up;
        self.interrupted += other.interrupted;
        self.bill.add(&other.bill);
        self.oracle_secs += other.oracle_secs;
        self.warm_starts += other.warm_starts;
        self.cold_launches += other.cold_launches;
        self.unused_launches += other.unused_launches;
        self.left_over += other.left_over;
        self.preparations += other.preparations;
        self.peak += other.peak;
        self.decisions += other.decisions;
    }

    /// Adds what came of a later stretch of the same pool.
    pub fn follow(&mut self, later: &Outcome) {
        let peak = self.peak.max(later.peak);
        self.merge(later);
        self.peak = peak;
    }

    /// Instances that were to get a runner: started and booted ones.
    pub fn launches(&self) -> u64 {
        self.warm_starts + self.cold_launches
    }

    /// One where each job got an instance of its own, and none was for nothing.
    pub fn launches_per_job(&self) -> f64 {
        share(self.launches(), self.jobs)
    }

    /// The part of the jobs that waited no longer than the objective; all, where there are none.
    pub fn share_within_slo(&self) -> f64 {
        if self.jobs == 0 { 1.0 } else { share(self.jobs_within_slo, self.jobs) }
    }

    /// The bill as a multiple of the oracle's; one where there was nothing to pay.
    pub fn bill_over_oracle(&self) -> f64 {
        let bill = self.bill.secs();
        if self.oracle_secs == 0.0 && bill == 0.0 { 1.0 } else { bill / self.oracle_secs }
    }

    /// What one job cost on top of the oracle's bill and by waiting, in seconds of an instance,
    /// where a second of waiting costs `rho` of them.
    pub fn cost_per_job(&self, rho: f64) -> f64 {
        let jobs = u32::try_from(self.jobs.max(1)).map_or(f64::MAX, f64::from);
        (self.bill.secs() - self.oracle_secs) / jobs + rho * self.waits.mean_secs()
    }
}

impl Bill {
    /// All of it.
    pub fn secs(&self) -> f64 {
        self.running_secs + self.stopped_secs + self.preparing_secs
    }

    fn add(&mut self, other: &Bill) {
        self.running_secs += other.running_secs;
        self.stopped_secs += other.stopped_secs;
        self.preparing_secs += other.preparing_secs;
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure for reading")]
fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}
