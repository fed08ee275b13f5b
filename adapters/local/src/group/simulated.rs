//! A group that behaves as an EC2 Auto Scaling group with a warm pool: raising the desired capacity
//! takes stopped instances first and boots the rest cold, the warm pool refills to its size, and an
//! instance is taken out by name with decrement. It reads no clock and is the same for the same
//! seed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::{InstanceId, Timestamp};
use scaler::ports::{Group, Open, Trouble};
use scaler::sim::Chance;
use scaler::{Capacity, Fleet, Member, Removal, State, Times, Warm};

/// How instances behave.
#[derive(Clone, Copy, Debug)]
pub struct Nature {
    /// How long things take in the middle.
    pub times: Times,
    /// A boot takes up to this part longer or shorter.
    pub jitter: f64,
    /// This part of the boots never ends in a runner.
    pub failing: f64,
    /// How often an hour an instance is interrupted, as Spot instances are.
    pub interruptions_per_hour: f64,
    /// From the end of a job until its instance is gone.
    pub leaving: Duration,
}

impl Default for Nature {
    /// Boots differ by a seventh, and nothing fails.
    fn default() -> Self {
        Nature {
            times: Times::default(),
            jitter: 0.15,
            failing: 0.0,
            interruptions_per_hour: 0.0,
            leaving: Duration::from_secs(5),
        }
    }
}

/// A simulated group.
#[derive(Debug)]
pub struct Simulated {
    nature: Nature,
    chance: Chance,
    desired: u32,
    warm_size: u32,
    members: BTreeMap<InstanceId, Machine>,
    /// Stopped instances by when they can be started.
    stopped: BTreeMap<InstanceId, Timestamp>,
    /// Jobs of runners that are not ours by name, and which of ours stands for each.
    stand_ins: BTreeMap<String, InstanceId>,
    /// Taken away and not told yet.
    interrupted: Vec<InstanceId>,
    made: u64,
}

#[derive(Clone, Debug)]
struct Machine {
    state: State,
    since: Timestamp,
    /// When its state ends by itself; never where none.
    until: Option<Timestamp>,
    interrupted_at: Option<Timestamp>,
}

impl Simulated {
    /// An empty group.
    pub fn new(nature: Nature, seed: u64) -> Self {
        Simulated {
            nature,
            chance: Chance::new(seed),
            desired: 0,
            warm_size: 0,
            members: BTreeMap::new(),
            stopped: BTreeMap::new(),
            stand_ins: BTreeMap::new(),
            interrupted: Vec::new(),
            made: 0,
        }
    }

    /// The runner that has been idle for longest takes a job.
    pub fn take(&mut self, now: Timestamp) -> Option<InstanceId> {
        self.advance(now);
        let idle = self.members.iter().filter(|(_, machine)| machine.state == State::Idle);
        let id = idle.min_by_key(|(id, machine)| (machine.since, *id))?.0.clone();
        self.enter(&id, State::Busy, now, None);
        Some(id)
    }

    /// The job of this runner is over: its instance leaves.
    pub fn finish(&mut self, id: &InstanceId, now: Timestamp) {
        self.advance(now);
        if self.members.get(id).is_some_and(|machine| machine.state == State::Busy) {
            let until = now.plus(self.nature.leaving);
            self.enter(id, State::Leaving, now, Some(until));
        }
    }

    /// Lets time pass.
    pub fn pass(&mut self, now: Timestamp) {
        self.advance(now);
    }

    /// When something changes by itself next.
    pub fn next_change_at(&self) -> Option<Timestamp> {
        let members =
            self.members.values().flat_map(|machine| [machine.until, machine.interrupted_at]);
        members.flatten().min()
    }

    fn enter(&mut self, id: &InstanceId, state: State, now: Timestamp, until: Option<Timestamp>) {
        if let Some(machine) = self.members.get_mut(id) {
            (machine.state, machine.since, machine.until) = (state, now, until);
        }
    }

    /// Lets time pass.
    fn advance(&mut self, now: Timestamp) {
        let due = |machine: &Machine| machine.until.filter(|until| *until <= now);
        let changing: Vec<(InstanceId, Timestamp)> = self
            .members
            .iter()
            .filter_map(|(id, machine)| Some((id.clone(), due(machine)?)))
            .collect();
        for (id, at) in changing {
            match self.members[&id].state {
                State::Booting => self.enter(&id, State::Idle, at, None),
                State::Leaving | State::Idle | State::Busy | State::Gone => self.take_out(&id),
            }
        }
        self.interrupt(now);
        self.launch(now);
        self.refill(now);
    }

    /// An interrupted instance is replaced by its group: the desired capacity stays.
    fn interrupt(&mut self, now: Timestamp) {
        let is_due = |machine: &mut Machine| machine.interrupted_at.is_some_and(|at| at <= now);
        let taken = self.members.extract_if(.., |_, machine| is_due(machine));
        let taken: Vec<InstanceId> = taken.map(|(id, _)| id).collect();
        self.interrupted.extend(taken);
    }

    fn take_out(&mut self, id: &InstanceId) {
        self.members.remove(id);
        self.desired = self.desired.saturating_sub(1);
    }

    fn launch(&mut self, now: Timestamp) {
        while self.members.len() < self.desired as usize {
            let ready = self.stopped.iter().find(|(_, at)| **at <= now).map(|(id, _)| id.clone());
            let (id, boot) = match ready {
                Some(id) => {
                    self.stopped.remove(&id);
                    (id, self.nature.times.warm_start)
                }
                None => (self.new_id(), self.nature.times.cold_start),
            };
            let fails = self.chance.unit() < self.nature.failing;
            let until = now.plus(self.boot(boot));
            let machine = Machine {
                state: State::Booting,
                since: now,
                until: (!fails).then_some(until),
                interrupted_at: self.interruption(now),
            };
            self.members.insert(id, machine);
        }
    }

    fn refill(&mut self, now: Timestamp) {
        while self.stopped.len() > self.warm_size as usize {
            // The one that is ready last has cost least.
            let last = self.stopped.iter().max_by_key(|(_, at)| **at).map(|(id, _)| id.clone());
            last.map(|id| self.stopped.remove(&id));
        }
        while self.stopped.len() < self.warm_size as usize {
            let times = self.nature.times;
            let ready_at = now.plus(self.boot(times.cold_start)).plus(times.stopping);
            let id = self.new_id();
            self.stopped.insert(id, ready_at);
        }
    }

    fn new_id(&mut self) -> InstanceId {
        self.made += 1;
        InstanceId(format!("sim-{:06}", self.made))
    }

    fn boot(&mut self, middle: Duration) -> Duration {
        middle.mul_f64(1.0 + self.nature.jitter * (2.0 * self.chance.unit() - 1.0))
    }

    fn interruption(&mut self, now: Timestamp) -> Option<Timestamp> {
        let rate = self.nature.interruptions_per_hour;
        if rate <= 0.0 {
            return None;
        }
        let hours = -(1.0 - self.chance.unit()).ln() / rate;
        Duration::try_from_secs_f64(hours * 3600.0).ok().map(|after| now.plus(after))
    }

    /// Jobs that run on somebody else's runners, as webhooks tell, are played by ours: each has one
    /// that was idle, which leaves when its job is over.
    fn follow(&mut self, open: &Open, now: Timestamp) {
        let names: BTreeSet<&str> = open.busy.iter().map(|busy| busy.runner.as_str()).collect();
        let over = self.stand_ins.extract_if(.., |name, _| !names.contains(name.as_str()));
        let over: Vec<InstanceId> = over.map(|(_, id)| id).collect();
        for id in over {
            self.finish(&id, now);
        }
        for name in names {
            let is_ours = self.members.contains_key(&InstanceId(name.to_owned()));
            if !is_ours
                && !self.stand_ins.contains_key(name)
                && let Some(id) = self.take(now)
            {
                self.stand_ins.insert(name.to_owned(), id);
            }
        }
    }
}

impl Group for Simulated {
    /// Each has one of ours that stands for it.
    fn names_max(&self) -> u32 {
        u32::MAX
    }

    fn describe(&mut self, open: &Open, now: Timestamp) -> Result<Fleet, Trouble> {
        self.advance(now);
        self.follow(open, now);
        let member = |(id, machine): (&InstanceId, &Machine)| Member {
            id: id.clone(),
            state: machine.state,
            since: machine.since,
            is_spot: false,
        };
        let ready = self.stopped.values().filter(|at| **at <= now).count();
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let warm = Warm {
            size: self.warm_size,
            stopped: count(ready),
            preparing: count(self.stopped.len() - ready),
        };
        let members = self.members.iter().map(member).collect();
        Ok(Fleet {
            as_of: now,
            desired: self.desired,
            members,
            crowds: Vec::new(),
            warm,
            spot: None,
            registering: 0,
        })
    }

    fn desired(&mut self, now: Timestamp) -> Result<Capacity, Trouble> {
        self.advance(now);
        Ok(Capacity::of(self.desired))
    }

    /// Instances are protected from scale-in: lowering ends none.
    fn set_desired(&mut self, desired: Capacity, now: Timestamp) -> Result<(), Trouble> {
        self.desired = desired.total();
        self.advance(now);
        Ok(())
    }

    fn set_warm(&mut self, size: u32, now: Timestamp) -> Result<(), Trouble> {
        self.warm_size = size;
        self.advance(now);
        Ok(())
    }

    fn remove(&mut self, removal: &Removal, now: Timestamp) -> Result<bool, Trouble> {
        self.advance(now);
        let is_busy = self.members.get(&removal.id).is_some_and(|m| m.state == State::Busy);
        if is_busy {
            return Ok(false);
        }
        if self.members.contains_key(&removal.id) {
            self.take_out(&removal.id);
        }
        Ok(true)
    }

    fn interrupted(&mut self) -> Vec<InstanceId> {
        std::mem::take(&mut self.interrupted)
    }

    fn is_real(&self) -> bool {
        true
    }
}

#[cfg(test)]
#[path = "simulated_tests.rs"]
mod tests;
