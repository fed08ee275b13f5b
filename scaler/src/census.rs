//! The members of a group, counted by what they are good for.

use model::{InstanceId, Timestamp};

use crate::{Member, Policy, Snapshot, State};

/// Members by state, and when the passing of time moves one from one count to another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Within their deadline.
    pub booting: u32,
    /// Past it.
    pub overdue: u32,
    pub idle: u32,
    /// Those of the idle that have been so for longer than surplus is kept.
    pub idle_too_long: u32,
    pub busy: u32,
    pub leaving: u32,
    pub next_overdue_at: Option<Timestamp>,
    pub next_idle_too_long_at: Option<Timestamp>,
}

impl Census {
    pub fn of(snapshot: &Snapshot, policy: &Policy) -> Census {
        let mut census = Census::default();
        for member in &snapshot.fleet.members {
            census.count(member, snapshot.now, policy);
        }
        census
    }

    fn count(&mut self, member: &Member, now: Timestamp, policy: &Policy) {
        match member.state {
            State::Booting => {
                let due = member.since.plus(policy.times.registration_deadline);
                match due <= now {
                    true => self.overdue += 1,
                    false => {
                        self.booting += 1;
                        sooner(&mut self.next_overdue_at, due);
                    }
                }
            }
            State::Idle => {
                self.idle += 1;
                let due = member.since.plus(policy.idle_hold());
                match due <= now {
                    true => self.idle_too_long += 1,
                    false => sooner(&mut self.next_idle_too_long_at, due),
                }
            }
            State::Busy => self.busy += 1,
            State::Leaving => self.leaving += 1,
        }
    }

    /// All of them.
    pub fn members(&self) -> u32 {
        self.booting + self.overdue + self.idle + self.busy + self.leaving
    }
}

fn sooner(held: &mut Option<Timestamp>, at: Timestamp) {
    *held = Some(held.map_or(at, |held| held.min(at)));
}

/// Those that boot and are past their deadline, oldest first.
pub fn overdue<'a>(snapshot: &'a Snapshot, policy: &Policy) -> Vec<&'a InstanceId> {
    let deadline = policy.times.registration_deadline;
    let overdue = |member: &Member| member.since.plus(deadline) <= snapshot.now;
    oldest_first(snapshot, |member| member.state == State::Booting && overdue(member))
}

/// Those in `state`, oldest first.
pub fn of(snapshot: &Snapshot, state: State) -> Vec<&InstanceId> {
    oldest_first(snapshot, |member| member.state == state)
}

fn oldest_first(snapshot: &Snapshot, is_one: impl Fn(&Member) -> bool) -> Vec<&InstanceId> {
    let mut found: Vec<&Member> =
        snapshot.fleet.members.iter().filter(|member| is_one(member)).collect();
    found.sort_by_key(|member| (member.since, &member.id));
    found.into_iter().map(|member| &member.id).collect()
}
