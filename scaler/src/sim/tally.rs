//! Keeps the figures while the world runs, and leaves out the days that teach.

use std::time::Duration;

use model::Timestamp;

use super::queue::Waiting;
use super::{Outcome, Setting};

/// How a member of the group came up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// It was booted.
    Cold,
    /// It was started from the stopped pool.
    Warm,
}

/// How a member of the group left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Its job was over, or was cut short. The job was queued then.
    AfterJob { queued_at: Timestamp },
    /// It never had one.
    Unused,
    /// The simulation ended.
    LeftOver,
}

/// The figures so far.
#[derive(Debug)]
pub struct Tally {
    /// What is before this is not measured.
    from: Timestamp,
    cold_start: Duration,
    wait_slo: Duration,
    stopped_cost: f64,
    outcome: Outcome,
}

impl Tally {
    pub fn new(setting: &Setting, begins_at: Timestamp) -> Self {
        Tally {
            from: begins_at.plus(setting.learn),
            cold_start: setting.cold_start,
            wait_slo: setting.wait_slo,
            stopped_cost: setting.stopped_cost,
            outcome: Outcome::default(),
        }
    }

    pub fn decided(&mut self) {
        self.outcome.decisions += 1;
    }

    /// A job gets a runner.
    pub fn started(&mut self, waiting: &Waiting, now: Timestamp) {
        let job = waiting.job;
        if job.queued_at < self.from {
            return;
        }
        let wait = now.saturating_since(job.queued_at);
        self.outcome.jobs += 1;
        self.outcome.waits.record(wait);
        self.outcome.jobs_within_slo += u64::from(wait <= self.wait_slo);
        if !waiting.again {
            self.outcome.oracle_secs += (job.duration + self.cold_start).as_secs_f64();
        }
    }

    pub fn cancelled(&mut self, queued_at: Timestamp) {
        self.outcome.cancelled += u64::from(queued_at >= self.from);
    }

    pub fn given_up(&mut self, queued_at: Timestamp) {
        self.outcome.given_up += u64::from(queued_at >= self.from);
    }

    pub fn interrupted(&mut self, queued_at: Timestamp) {
        self.outcome.interrupted += u64::from(queued_at >= self.from);
    }

    /// The group has so many members.
    pub fn members(&mut self, now: Timestamp, members: u32) {
        if now >= self.from {
            self.outcome.peak = self.outcome.peak.max(u64::from(members));
        }
    }

    /// A member is gone.
    pub fn left(&mut self, start: Start, ordered_at: Timestamp, now: Timestamp, exit: Exit) {
        let is_new = ordered_at >= self.from;
        let (billed_from, counts) = match exit {
            Exit::AfterJob { queued_at } if queued_at < self.from => (now, false),
            Exit::AfterJob { .. } => (ordered_at, true),
            Exit::Unused | Exit::LeftOver => (ordered_at.max(self.from), is_new),
        };
        self.outcome.bill.running_secs += now.saturating_since(billed_from).as_secs_f64();
        match start {
            Start::Cold => self.outcome.cold_launches += u64::from(counts),
            Start::Warm => self.outcome.warm_starts += u64::from(counts),
        }
        self.outcome.unused_launches += u64::from(counts && exit == Exit::Unused);
        self.outcome.left_over += u64::from(counts && exit == Exit::LeftOver);
    }

    /// An instance was prepared, or was until it was dropped now.
    pub fn prepared(&mut self, ordered_at: Timestamp, now: Timestamp) {
        let until = now.min(ordered_at.plus(self.cold_start));
        let billed = until.saturating_since(ordered_at.max(self.from));
        self.outcome.bill.preparing_secs += billed.as_secs_f64();
        self.outcome.preparations += u64::from(ordered_at >= self.from);
    }

    /// A stopped instance was started or dropped.
    pub fn stopped(&mut self, since: Timestamp, now: Timestamp) {
        let held = now.saturating_since(since.max(self.from)).as_secs_f64();
        self.outcome.bill.stopped_secs += held * self.stopped_cost;
    }

    pub fn finish(self) -> Outcome {
        self.outcome
    }
}
