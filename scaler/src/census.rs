//! The members of a group, counted by what they are good for.

use std::time::Duration;

use model::{InstanceId, Timestamp};

use crate::{Crowd, Member, Policy, Snapshot, State};

/// Between the end of a job and that of its instance: time enough to send logs and to switch off.
pub const LEAVING_MAX: Duration = Duration::from_mins(10);

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
    /// Within the time that an end takes.
    pub leaving: u32,
    /// Past it.
    pub lingering: u32,
    pub gone: u32,
    pub next_overdue_at: Option<Timestamp>,
    pub next_idle_too_long_at: Option<Timestamp>,
    pub next_lingering_at: Option<Timestamp>,
}

impl Census {
    pub fn of(snapshot: &Snapshot, policy: &Policy) -> Census {
        let mut census = Census::default();
        let each = snapshot.fleet.members.iter().map(|&Member { state, since, .. }| Crowd {
            state,
            instances: 1,
            since,
        });
        for crowd in each.chain(snapshot.fleet.crowds.iter().copied()) {
            census.count(crowd, snapshot.now, policy);
        }
        census
    }

    fn count(&mut self, crowd: Crowd, now: Timestamp, policy: &Policy) {
        let Crowd { state, instances, since } = crowd;
        let due_at = due_at(state, since, policy);
        let is_due = due_at.is_some_and(|at| at <= now);
        match state {
            State::Booting if is_due => self.overdue += instances,
            State::Booting => {
                self.booting += instances;
                sooner(&mut self.next_overdue_at, due_at);
            }
            State::Idle => {
                self.idle += instances;
                match is_due {
                    true => self.idle_too_long += instances,
                    false => sooner(&mut self.next_idle_too_long_at, due_at),
                }
            }
            State::Busy => self.busy += instances,
            State::Leaving if is_due => self.lingering += instances,
            State::Leaving => {
                self.leaving += instances;
                sooner(&mut self.next_lingering_at, due_at);
            }
            State::Gone => self.gone += instances,
        }
    }

    /// All of them.
    pub fn members(&self) -> u32 {
        let leaving = self.leaving + self.lingering + self.gone;
        self.booting + self.overdue + self.idle + self.busy + leaving
    }
}

/// When the patience with an instance that is in `state` since then ends; never where none is asked
/// of anybody.
fn due_at(state: State, since: Timestamp, policy: &Policy) -> Option<Timestamp> {
    match state {
        State::Booting => Some(since.plus(policy.times.registration_deadline)),
        State::Idle => Some(since.plus(policy.idle_hold())),
        State::Leaving => Some(since.plus(LEAVING_MAX)),
        State::Busy | State::Gone => None,
    }
}

/// Whether a member has been in its state for too long.
pub fn is_due(member: &Member, now: Timestamp, policy: &Policy) -> bool {
    due_at(member.state, member.since, policy).is_some_and(|at| at <= now)
}

fn sooner(held: &mut Option<Timestamp>, at: Option<Timestamp>) {
    *held = [*held, at].into_iter().flatten().min();
}

/// Those that are in `state` and have been for too long, oldest first.
pub fn due<'a>(snapshot: &'a Snapshot, state: State, policy: &Policy) -> Vec<&'a InstanceId> {
    let is_due = |member: &Member| is_due(member, snapshot.now, policy);
    oldest_first(snapshot, |member| member.state == state && is_due(member))
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
