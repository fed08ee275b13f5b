//! The world: takes one instant after the other, lets happen what happens then, asks the scaler
//! where it would look, and does what it says.

use std::iter::Peekable;

use model::Timestamp;

use super::agenda::{Agenda, Event};
use super::chance::Chance;
use super::contender::{Cadence, Replacement, Scaler};
use super::faults::{CANCELLED_WITHIN, LATE_MAX, RECONCILED_AFTER, UNREGISTERED_MAX};
use super::group::{self, Group, Serial};
use super::queue::{Queue, Waiting};
use super::tally::{Start, Tally};
use super::{Job, Outcome, Setting};
use crate::{Backlog, Fleet, Occasion, Outlook, Plan, Snapshot, Source, Warm};

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
            tally: Tally::new(setting, now),
            chance: Chance::new(setting.seed),
            busy: 0,
            is_called: false,
            next_tick_at: None,
        }
    }

    /// Until the last job is over.
    pub fn run(mut self) -> Outcome {
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
            self.enqueue(Job { queued_at: now, ..job }, false);
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

    fn handle(&mut self, event: Event, now: Timestamp) {
        match event {
            Event::Seen { ticket, queued_at, repeated } => {
                self.queue.see(ticket);
                self.scaler.webhook(queued_at, repeated);
                self.is_called = self.cadence.on_event;
                self.changed();
            }
            Event::Cancelled(ticket) => self.cancel(ticket),
            Event::Ready(serial) => {
                if self.group.ready(serial, &mut self.seen.fleet, now) {
                    self.changed();
                }
            }
            Event::Done(serial) => {
                self.release(serial, now);
            }
            Event::Interrupted(serial) => self.interrupt(serial, now),
            Event::Ended(serial) => self.end(serial, now),
            Event::Prepared(serial) => {
                let fleet = &mut self.seen.fleet;
                if self.group.prepared(serial, fleet, now, &mut self.tally) {
                    self.changed();
                }
            }
        }
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

    fn enqueue(&mut self, job: Job, again: bool) {
        let ticket = self.queue.push(job, again);
        let faults = &self.setting.faults;
        let (lost, late) =
            (self.chance.happens(faults.lost), self.chance.happens(faults.reordered));
        let repeated = self.chance.happens(faults.duplicated);
        let mut seen_at = job.queued_at.plus(self.cadence.sees_after);
        if lost {
            seen_at = job.queued_at.plus(RECONCILED_AFTER);
        } else if late {
            seen_at = seen_at.plus(self.chance.up_to(LATE_MAX));
        }
        self.note_seen(ticket, job.queued_at, seen_at, false);
        if repeated {
            let late = self.chance.up_to(LATE_MAX);
            self.note_seen(ticket, job.queued_at, seen_at.plus(late), true);
        }
        if self.chance.happens(faults.cancelled) {
            let at = job.queued_at.plus(self.chance.up_to(CANCELLED_WITHIN));
            self.agenda.note(at, Event::Cancelled(ticket));
        }
    }

    fn note_seen(&mut self, ticket: u64, queued_at: Timestamp, at: Timestamp, repeated: bool) {
        self.agenda.note(at, Event::Seen { ticket, queued_at, repeated });
    }

    fn cancel(&mut self, ticket: u64) {
        if let Some(waiting) = self.queue.take(ticket) {
            self.tally.cancelled(waiting.job.queued_at);
            self.changed();
        }
    }

    /// Idle runners take waiting jobs.
    fn assign(&mut self, now: Timestamp) {
        while self.group.has_idle() {
            let Some(waiting) = self.queue.take_oldest() else { return };
            let Some(serial) = self.group.assign(waiting, &mut self.seen.fleet, now) else {
                return;
            };
            self.busy += 1;
            self.tally.started(&waiting, now);
            self.note_end(serial, &waiting, now);
            self.changed();
        }
    }

    fn note_end(&mut self, serial: Serial, waiting: &Waiting, now: Timestamp) {
        let duration = waiting.job.duration;
        let per_sec = self.setting.faults.spot_per_hour / 3600.0;
        if per_sec > 0.0 {
            let taken_after = self.chance.until_next(per_sec);
            if taken_after < duration {
                return self.agenda.note(now.plus(taken_after), Event::Interrupted(serial));
            }
        }
        self.agenda.note(now.plus(duration), Event::Done(serial));
    }

    fn release(&mut self, serial: Serial, now: Timestamp) -> Option<Waiting> {
        let fleet = &mut self.seen.fleet;
        let waiting = self.group.release(serial, fleet, now, &mut self.tally)?;
        self.busy -= 1;
        self.replace(now);
        Some(waiting)
    }

    fn interrupt(&mut self, serial: Serial, now: Timestamp) {
        if let Some(waiting) = self.release(serial, now) {
            self.tally.interrupted(waiting.job.queued_at);
            self.enqueue(Job { queued_at: now, ..waiting.job }, true);
        }
    }

    fn end(&mut self, serial: Serial, now: Timestamp) {
        if self.group.remove(serial, &mut self.seen.fleet, now, &mut self.tally) {
            self.replace(now);
        }
    }

    /// An instance left by itself.
    fn replace(&mut self, now: Timestamp) {
        match self.cadence.replacement {
            Replacement::Never => {
                let fleet = &mut self.seen.fleet;
                fleet.desired = fleet.desired.saturating_sub(1);
            }
            Replacement::AtOnce => self.fill(now),
        }
        self.changed();
    }

    fn decide(&mut self, occasion: Occasion) {
        let now = self.seen.now;
        self.seen.occasion = occasion;
        (self.seen.backlog.as_of, self.seen.fleet.as_of) = (now, now);
        self.seen.backlog.running = self.busy;
        self.queue.describe(&mut self.seen.backlog);
        let plan = self.scaler.decide(&mut self.seen);
        self.tally.decided();
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

    fn obey(&mut self, plan: &Plan, now: Timestamp) {
        if !self.changes(plan) {
            return self.scaler.accepted();
        }
        self.wake(Timestamp::from_millis(now.as_millis() + 1));
        if self.chance.happens(self.setting.faults.throttled) {
            return;
        }
        self.scaler.accepted();
        for removal in &plan.remove {
            if let Some(serial) = group::serial_of(&removal.id) {
                self.group.remove(serial, &mut self.seen.fleet, now, &mut self.tally);
            }
        }
        self.seen.fleet.desired = plan.desired;
        self.fill(now);
        self.set_warm(plan.warm.unwrap_or(self.seen.fleet.warm.size), now);
    }

    fn changes(&self, plan: &Plan) -> bool {
        let fleet = &self.seen.fleet;
        plan.desired != fleet.desired
            || plan.desired > self.members()
            || !plan.remove.is_empty()
            || plan.warm.is_some_and(|size| size != fleet.warm.size)
    }

    /// Orders what is missing.
    fn fill(&mut self, now: Timestamp) {
        let members = self.members();
        for _ in members..self.seen.fleet.desired {
            self.order(now);
        }
        let members = self.members();
        self.tally.members(now, members);
        if self.cadence.replacement == Replacement::Never {
            self.seen.fleet.desired = members;
        }
        self.prepare(now);
    }

    fn members(&self) -> u32 {
        u32::try_from(self.seen.fleet.members.len()).unwrap_or(u32::MAX)
    }

    fn order(&mut self, now: Timestamp) {
        let faults = &self.setting.faults;
        if !self.group.has_stopped() && self.chance.happens(faults.capacity) {
            return;
        }
        let ordered = self.group.order(&mut self.seen.fleet, now, &mut self.tally);
        if self.chance.happens(faults.boot_fails) {
            return self.agenda.note(now.plus(UNREGISTERED_MAX), Event::Ended(ordered.serial));
        }
        let usual = match ordered.start {
            Start::Cold => self.setting.cold_start,
            Start::Warm => self.setting.warm_start,
        };
        let after = self.chance.jittered(usual, faults.boot_jitter);
        self.agenda.note(now.plus(after), Event::Ready(ordered.serial));
    }

    fn set_warm(&mut self, size: u32, now: Timestamp) {
        self.seen.fleet.warm.size = size;
        self.group.drop_surplus(&mut self.seen.fleet, now, &mut self.tally);
        self.prepare(now);
    }

    fn prepare(&mut self, now: Timestamp) {
        let (boot, jitter) = (self.setting.cold_start, self.setting.faults.boot_jitter);
        while let Some(serial) = self.group.prepare(&mut self.seen.fleet, now) {
            let after = self.chance.jittered(boot, jitter) + self.setting.stopping;
            self.agenda.note(now.plus(after), Event::Prepared(serial));
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
        fleet: Fleet { as_of: now, desired: 0, members: Vec::new(), warm: Warm::default() },
        outlook: Outlook::default(),
        exhausted_since: None,
    }
}
