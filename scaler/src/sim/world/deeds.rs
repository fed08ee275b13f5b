//! What a plan does to the group.

use model::Timestamp;

use super::World;
use crate::sim::Job;
use crate::sim::agenda::Event;
use crate::sim::contender::Replacement;
use crate::sim::faults::UNREGISTERED_MAX;
use crate::sim::group;
use crate::sim::tally::Start;
use crate::{Plan, Snapshot};

impl<J, O> World<'_, J, O>
where
    J: Iterator<Item = Job>,
    O: FnMut(&Snapshot, &Plan),
{
    pub(super) fn obey(&mut self, plan: &Plan, now: Timestamp) {
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
    pub(super) fn fill(&mut self, now: Timestamp) {
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
