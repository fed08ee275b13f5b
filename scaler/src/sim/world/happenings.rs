//! What happens to jobs and instances by itself.

use model::Timestamp;

use super::World;
use crate::sim::agenda::Event;
use crate::sim::contender::Replacement;
use crate::sim::fate::Fate;
use crate::sim::group::Serial;
use crate::sim::queue::Waiting;
use crate::sim::{Chance, Job};
use crate::{Plan, Snapshot};

impl<J, O> World<'_, J, O>
where
    J: Iterator<Item = Job>,
    O: FnMut(&Snapshot, &Plan),
{
    pub(super) fn handle(&mut self, event: Event, now: Timestamp) {
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

    /// A job of the trace.
    pub(super) fn arrive(&mut self, job: Job) {
        self.arrived += 1;
        let mut chance = Chance::nth(self.setting.seed, self.arrived);
        self.enqueue(job, false, &mut chance);
    }

    fn enqueue(&mut self, job: Job, again: bool, chance: &mut Chance) {
        let ticket = self.queue.push(job, again);
        let queued_at = job.queued_at;
        let fate = Fate::of(queued_at, self.cadence.sees_after, &self.setting.faults, chance);
        self.agenda.note(fate.seen_at, Event::Seen { ticket, queued_at, repeated: false });
        if let Some(at) = fate.repeated_at {
            self.agenda.note(at, Event::Seen { ticket, queued_at, repeated: true });
        }
        if let Some(at) = fate.cancelled_at {
            self.agenda.note(at, Event::Cancelled(ticket));
        }
    }

    fn cancel(&mut self, ticket: u64) {
        if let Some(waiting) = self.queue.take(ticket) {
            self.tally.cancelled(waiting.job.queued_at);
            self.changed();
        }
    }

    /// Idle runners take waiting jobs.
    pub(super) fn assign(&mut self, now: Timestamp) {
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
            let mut chance = Chance::new(self.chance.next());
            self.enqueue(Job { queued_at: now, ..waiting.job }, true, &mut chance);
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
}
