//! The world: takes one instant after the other, lets happen what happens then, asks the scaler
//! where it would look, and does what it says.

mod deeds;
mod happenings;

use std::iter::Peekable;

use model::Timestamp;

use super::agenda::Agenda;
use super::chance::Chance;
use super::contender::{Cadence, Scaler};
use super::group::Group;
use super::queue::Queue;
use super::tally::Tally;
use super::{Blocks, Job, Outcome, Setting};
use crate::{Avoided, Backlog, Fleet, Occasion, Outlook, Plan, Snapshot, Source, Warm};

/// One pool, its jobs and its scaler.
pub struct World<'a, J: Iterator<Item = Job>, O> {
    setting: &'a Setting,
    jobs: Peekable<J>,
    scaler: Box<dyn Scaler>,
    cadence: Cadence,
    observe: &'a mut O,
    /// What the scaler sees; kept up to date in place.
    seen: Snapshot,
    agenda: Agenda,
    queue: Queue,
    group: Group,
    tally: Tally,
    chance: Chance,
    /// Jobs of the trace that were queued.
    arrived: u64,
    busy: u32,
    /// A webhook came at this instant.
    is_called: bool,
    /// The next scheduled decision that is not known to change nothing.
    next_tick_at: Option<Timestamp>,
}

impl<'a, J, O> World<'a, J, O>
where
    J: Iterator<Item = Job>,
    O: FnMut(&Snapshot, &Plan),
{
    /// A world without instances, at the instant of the first job.
    pub fn new(
        jobs: J,
        setting: &'a Setting,
        blocks: Blocks,
        scaler: Box<dyn Scaler>,
        observe: &'a mut O,
    ) -> World<'a, J, O> {
        let mut jobs = jobs.peekable();
        let now = jobs.peek().map_or(Timestamp::EPOCH, |job| job.queued_at);
        World {
            setting,
            jobs,
            cadence: scaler.cadence(setting),
            scaler,
            observe,
            seen: nothing(now),
            agenda: Agenda::default(),
            queue: Queue::default(),
            group: Group::default(),
            tally: Tally::new(setting, blocks, now),
            chance: Chance::new(setting.seed),
            arrived: 0,
            busy: 0,
            is_called: false,
            next_tick_at: None,
        }
    }

    /// Until the last job is over; what came of it in each block.
    pub fn run(mut self) -> Vec<Outcome> {
        if self.jobs.peek().is_none() {
            return self.tally.finish();
        }
        self.decide(Occasion::Schedule);
        while let Some(now) = self.next_at() {
            self.seen.now = now;
            self.happen(now);
            if std::mem::take(&mut self.is_called) {
                self.decide(Occasion::Event);
            }
            if self.next_tick_at.is_some_and(|at| at <= now) {
                self.decide(Occasion::Schedule);
            }
        }
        self.group.close(self.seen.now, &mut self.tally);
        self.tally.finish()
    }

    /// The next instant at which anything happens; none when all jobs are over.
    fn next_at(&mut self) -> Option<Timestamp> {
        let next_job = self.jobs.peek().map(|job| job.queued_at.max(self.seen.now));
        if next_job.is_none() && self.busy == 0 && self.queue.is_empty() {
            return None;
        }
        let expires_at = self.queue.expires_at();
        [next_job, self.agenda.next_at(), self.next_tick_at, expires_at].into_iter().flatten().min()
    }

    fn happen(&mut self, now: Timestamp) {
        while let Some(event) = self.agenda.take(now) {
            self.handle(event, now);
        }
        while let Some(job) = self.jobs.next_if(|job| job.queued_at <= now) {
            self.arrive(Job { queued_at: now, ..job });
        }
        while self.queue.expires_at().is_some_and(|at| at <= now) {
            if let Some(waiting) = self.queue.take_oldest() {
                self.tally.given_up(waiting.job.queued_at);
                self.changed();
            }
        }
        // Without delay a job is seen at the instant at which it is queued.
        while let Some(event) = self.agenda.take(now) {
            self.handle(event, now);
        }
        self.assign(now);
    }

    /// The facts are others than at the last decision: the next tick may decide otherwise.
    fn changed(&mut self) {
        self.wake(self.seen.now);
    }

    /// A scheduled decision at the first tick after `at`.
    fn wake(&mut self, at: Timestamp) {
        let Some(every) = self.cadence.every else { return };
        let every_ms = i64::try_from(every.as_millis()).unwrap_or(i64::MAX).max(1);
        // A tick comes after what happens at its instant, so it is still to come then.
        let tick = (at.as_millis() + every_ms - 1).div_euclid(every_ms) * every_ms;
        let tick = Timestamp::from_millis(tick);
        self.next_tick_at = Some(self.next_tick_at.map_or(tick, |next| next.min(tick)));
    }

    fn decide(&mut self, occasion: Occasion) {
        let now = self.seen.now;
        self.seen.occasion = occasion;
        (self.seen.backlog.as_of, self.seen.fleet.as_of) = (now, now);
        self.seen.backlog.running = self.busy;
        self.queue.describe(&mut self.seen.backlog);
        let plan = self.scaler.decide(&mut self.seen);
        self.tally.decided(now);
        (self.observe)(&self.seen, &plan);
        if occasion == Occasion::Schedule {
            self.schedule(&plan);
        }
        self.obey(&plan, now);
    }

    /// When to look again if nothing happens.
    fn schedule(&mut self, plan: &Plan) {
        self.next_tick_at = None;
        let after_now = Timestamp::from_millis(self.seen.now.as_millis() + 1);
        if self.setting.every_tick {
            self.wake(after_now);
        } else if let Some(at) = plan.same_until {
            self.wake(at.max(after_now));
        }
    }
}

fn nothing(now: Timestamp) -> Snapshot {
    Snapshot {
        pool: String::new(),
        now,
        occasion: Occasion::Schedule,
        backlog: Backlog {
            as_of: now,
            source: Source::Jobs,
            queued: 0,
            oldest_queued_at: None,
            ghosts: 0,
            running: 0,
        },
        fleet: Fleet {
            as_of: now,
            desired: 0,
            members: Vec::new(),
            crowds: Vec::new(),
            warm: Warm::default(),
            spot: None,
            registering: 0,
        },
        outlook: Outlook::default(),
        exhausted_since: None,
        avoided: Avoided::default(),
    }
}
