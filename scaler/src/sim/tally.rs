//! Keeps the figures while the world runs, and leaves out the days that teach.

use std::time::Duration;

use model::Timestamp;

use super::queue::Waiting;
use super::{Blocks, Outcome, Setting};

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
    blocks: Blocks,
    /// One for each block.
    outcomes: Vec<Outcome>,
}

impl Tally {
    pub fn new(setting: &Setting, blocks: Blocks, begins_at: Timestamp) -> Self {
        Tally {
            from: begins_at.plus(setting.learn),
            cold_start: setting.cold_start,
            wait_slo: setting.wait_slo,
            stopped_cost: setting.stopped_cost,
            blocks,
            outcomes: vec![Outcome::default(); blocks.count.get()],
        }
    }

    /// The block that an instant lies in.
    fn at(&mut self, at: Timestamp) -> &mut Outcome {
        let block = self.blocks.index_of(at.saturating_since(self.from));
        &mut self.outcomes[block]
    }

    /// Shares the seconds between two instants out to the blocks they lie in.
    fn spread(
        &mut self,
        from: Timestamp,
        until: Timestamp,
        mut bill: impl FnMut(&mut Outcome, f64),
    ) {
        let (mut at, last) = (from.max(self.from), self.blocks.count.get() - 1);
        while at < until {
            let block = self.blocks.index_of(at.saturating_since(self.from));
            let ends_at = match block < last {
                true => self.from.plus(self.blocks.end_of(block)).min(until),
                false => until,
            };
            bill(&mut self.outcomes[block], ends_at.saturating_since(at).as_secs_f64());
            at = ends_at;
        }
    }

    pub fn decided(&mut self, now: Timestamp) {
        self.at(now).decisions += 1;
    }

    /// A job gets a runner.
    pub fn started(&mut self, waiting: &Waiting, now: Timestamp) {
        let job = waiting.job;
        if job.queued_at < self.from {
            return;
        }
        let wait = now.saturating_since(job.queued_at);
        let is_within_slo = wait <= self.wait_slo;
        let oracle_secs = (job.duration + self.cold_start).as_secs_f64();
        let outcome = self.at(job.queued_at);
        outcome.jobs += 1;
        outcome.waits.record(wait);
        outcome.jobs_within_slo += u64::from(is_within_slo);
        if !waiting.again {
            outcome.oracle_secs += oracle_secs;
        }
    }

    pub fn cancelled(&mut self, queued_at: Timestamp) {
        let counts = u64::from(queued_at >= self.from);
        self.at(queued_at).cancelled += counts;
    }

    pub fn given_up(&mut self, queued_at: Timestamp) {
        let counts = u64::from(queued_at >= self.from);
        self.at(queued_at).given_up += counts;
    }

    pub fn interrupted(&mut self, queued_at: Timestamp) {
        let counts = u64::from(queued_at >= self.from);
        self.at(queued_at).interrupted += counts;
    }

    /// The group has so many members.
    pub fn members(&mut self, now: Timestamp, members: u32) {
        if now >= self.from {
            let outcome = self.at(now);
            outcome.peak = outcome.peak.max(u64::from(members));
        }
    }

    /// A member is gone.
    pub fn left(&mut self, start: Start, ordered_at: Timestamp, now: Timestamp, exit: Exit) {
        let (counted_at, counts) = match exit {
            Exit::AfterJob { queued_at } => (queued_at, queued_at >= self.from),
            Exit::Unused | Exit::LeftOver => (ordered_at, ordered_at >= self.from),
        };
        match exit {
            // In the block of its job, in whole or not at all.
            Exit::AfterJob { queued_at } if counts => {
                let secs = now.saturating_since(ordered_at).as_secs_f64();
                self.at(queued_at).bill.running_secs += secs;
            }
            Exit::AfterJob { .. } => {}
            Exit::Unused | Exit::LeftOver => {
                self.spread(ordered_at, now, |outcome, secs| outcome.bill.running_secs += secs);
            }
        }
        let outcome = self.at(counted_at);
        match start {
            Start::Cold => outcome.cold_launches += u64::from(counts),
            Start::Warm => outcome.warm_starts += u64::from(counts),
        }
        outcome.unused_launches += u64::from(counts && exit == Exit::Unused);
        outcome.left_over += u64::from(counts && exit == Exit::LeftOver);
    }

    /// An instance was prepared, or was until it was dropped now.
    pub fn prepared(&mut self, ordered_at: Timestamp, now: Timestamp) {
        let until = now.min(ordered_at.plus(self.cold_start));
        self.spread(ordered_at, until, |outcome, secs| outcome.bill.preparing_secs += secs);
        let counts = u64::from(ordered_at >= self.from);
        self.at(ordered_at).preparations += counts;
    }

    /// A stopped instance was started or dropped.
    pub fn stopped(&mut self, since: Timestamp, now: Timestamp) {
        let cost = self.stopped_cost;
        self.spread(since, now, |outcome, secs| outcome.bill.stopped_secs += secs * cost);
    }

    /// The figures of each block.
    pub fn finish(self) -> Vec<Outcome> {
        self.outcomes
    }
}
