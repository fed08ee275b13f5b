//! The group of instances: members, the stopped pool beside them, and what both cost.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use model::{InstanceId, Timestamp};

use super::queue::Waiting;
use super::tally::{Exit, Start, Tally};
use crate::{Fleet, Member, State};

/// Names an instance: later ones have larger numbers.
pub type Serial = u64;

/// An instance that was just ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ordered {
    pub serial: Serial,
    pub start: Start,
}

/// All instances. What the scaler sees of them is kept in the [`Fleet`] that each call is given.
#[derive(Debug, Default)]
pub struct Group {
    /// Beside `fleet.members`, at the same places.
    units: Vec<Unit>,
    places: BTreeMap<Serial, usize>,
    idle: BTreeSet<(Timestamp, Serial)>,
    /// Oldest first.
    stopped: VecDeque<Stocked>,
    /// Oldest first.
    preparing: VecDeque<Stocked>,
    issued: Serial,
}

#[derive(Debug)]
struct Unit {
    serial: Serial,
    start: Start,
    ordered_at: Timestamp,
    job: Option<Waiting>,
}

#[derive(Clone, Copy, Debug)]
struct Stocked {
    serial: Serial,
    since: Timestamp,
}

impl Group {
    /// Orders one instance: a stopped one if there is one.
    pub fn order(&mut self, fleet: &mut Fleet, now: Timestamp, tally: &mut Tally) -> Ordered {
        let ordered = match self.stopped.pop_front() {
            Some(stocked) => {
                fleet.warm.stopped -= 1;
                tally.stopped(stocked.since, now);
                Ordered { serial: stocked.serial, start: Start::Warm }
            }
            None => Ordered { serial: self.issue(), start: Start::Cold },
        };
        self.join(ordered, fleet, now);
        ordered
    }

    /// Whether the next order takes a stopped instance.
    pub fn has_stopped(&self) -> bool {
        !self.stopped.is_empty()
    }

    fn issue(&mut self) -> Serial {
        self.issued += 1;
        self.issued
    }

    fn join(&mut self, ordered: Ordered, fleet: &mut Fleet, now: Timestamp) {
        let Ordered { serial, start } = ordered;
        self.places.insert(serial, self.units.len());
        self.units.push(Unit { serial, start, ordered_at: now, job: None });
        fleet.members.push(Member {
            id: id_of(serial),
            state: State::Booting,
            since: now,
            is_spot: false,
        });
    }

    /// Begins to prepare an instance for the stopped pool, if it is not as large as it should be.
    pub fn prepare(&mut self, fleet: &mut Fleet, now: Timestamp) -> Option<Serial> {
        let warm = &mut fleet.warm;
        if warm.stopped + warm.preparing >= warm.size {
            return None;
        }
        warm.preparing += 1;
        let serial = self.issue();
        self.preparing.push_back(Stocked { serial, since: now });
        Some(serial)
    }

    /// A prepared instance can be started; whether it still existed.
    pub fn prepared(
        &mut self,
        serial: Serial,
        fleet: &mut Fleet,
        now: Timestamp,
        tally: &mut Tally,
    ) -> bool {
        let Ok(place) = self.preparing.binary_search_by_key(&serial, |stocked| stocked.serial)
        else {
            return false;
        };
        let Some(stocked) = self.preparing.remove(place) else { return false };
        tally.prepared(stocked.since, now);
        self.stopped.push_back(Stocked { serial, since: now });
        fleet.warm.preparing -= 1;
        fleet.warm.stopped += 1;
        true
    }

    /// Drops instances until the stopped pool is no larger than it should be.
    pub fn drop_surplus(&mut self, fleet: &mut Fleet, now: Timestamp, tally: &mut Tally) {
        let warm = &mut fleet.warm;
        while warm.stopped + warm.preparing > warm.size {
            if let Some(youngest) = self.preparing.pop_back() {
                warm.preparing -= 1;
                tally.prepared(youngest.since, now);
            } else if let Some(youngest) = self.stopped.pop_back() {
                warm.stopped -= 1;
                tally.stopped(youngest.since, now);
            }
        }
    }

    /// The runner of a booting instance registers; whether it still existed.
    pub fn ready(&mut self, serial: Serial, fleet: &mut Fleet, now: Timestamp) -> bool {
        let Some(&place) = self.places.get(&serial) else { return false };
        self.idle.insert((now, serial));
        let member = &mut fleet.members[place];
        (member.state, member.since) = (State::Idle, now);
        true
    }

    pub fn has_idle(&self) -> bool {
        !self.idle.is_empty()
    }

    /// Gives a job to the instance that has been idle for longest.
    pub fn assign(&mut self, job: Waiting, fleet: &mut Fleet, now: Timestamp) -> Option<Serial> {
        let (_, serial) = self.idle.pop_first()?;
        let &place = self.places.get(&serial)?;
        self.units[place].job = Some(job);
        let member = &mut fleet.members[place];
        (member.state, member.since) = (State::Busy, now);
        Some(serial)
    }

    /// A busy instance leaves; its job, if it still existed.
    pub fn release(
        &mut self,
        serial: Serial,
        fleet: &mut Fleet,
        now: Timestamp,
        tally: &mut Tally,
    ) -> Option<Waiting> {
        let unit = self.take(serial, fleet)?;
        let job = unit.job?;
        let exit = Exit::AfterJob { queued_at: job.job.queued_at };
        tally.left(unit.start, unit.ordered_at, now, exit);
        Some(job)
    }

    /// An instance without a job is removed; whether that was possible. GitHub refuses to
    /// deregister a busy runner, so a busy instance stays.
    pub fn remove(
        &mut self,
        serial: Serial,
        fleet: &mut Fleet,
        now: Timestamp,
        tally: &mut Tally,
    ) -> bool {
        let Some(&place) = self.places.get(&serial) else { return false };
        if fleet.members[place].state == State::Busy {
            return false;
        }
        self.idle.remove(&(fleet.members[place].since, serial));
        let Some(unit) = self.take(serial, fleet) else { return false };
        tally.left(unit.start, unit.ordered_at, now, Exit::Unused);
        true
    }

    fn take(&mut self, serial: Serial, fleet: &mut Fleet) -> Option<Unit> {
        let place = self.places.remove(&serial)?;
        let unit = self.units.swap_remove(place);
        fleet.members.swap_remove(place);
        if let Some(moved) = self.units.get(place) {
            self.places.insert(moved.serial, place);
        }
        Some(unit)
    }

    /// Settles what is left when the last job is over.
    pub fn close(self, now: Timestamp, tally: &mut Tally) {
        for unit in &self.units {
            tally.left(unit.start, unit.ordered_at, now, Exit::LeftOver);
        }
        for stocked in &self.stopped {
            tally.stopped(stocked.since, now);
        }
        for stocked in &self.preparing {
            tally.prepared(stocked.since, now);
        }
    }
}

/// The id under which the scaler knows an instance: in the order of their age also as text.
fn id_of(serial: Serial) -> InstanceId {
    InstanceId(format!("i-{serial:012x}"))
}

/// The reverse of it.
pub fn serial_of(id: &InstanceId) -> Option<Serial> {
    u64::from_str_radix(id.0.strip_prefix("i-")?, 16).ok()
}
