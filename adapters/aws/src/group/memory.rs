//! What instances do, of what the group says now and what was seen of them before.
//!
//! The group knows whether an instance boots or is in service, and the jobs know which runner has
//! one. An instance that had its job and is still there has no other: its runner took the one. One
//! that AWS calls unhealthy and that has no job is off; while a job is open on it, it may be at work
//! on a machine that fails checks.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::{InstanceId, Timestamp};
use scaler::ports::Open;
use scaler::{Member, State};

use super::calls::Counted;
use super::name;

/// An instance in service without a connected runner is lost after this, whatever AWS or the jobs say
/// of it: it hangs, or the end of its job was never told. Its agent gives up much earlier.
pub const ABSENT_MAX: Duration = Duration::from_mins(15);

/// When GitHub was asked last, if it knew no connected runner of that instance.
pub(super) type AbsentAt<'a> = dyn Fn(&InstanceId) -> Option<Timestamp> + 'a;

/// What is remembered of the members.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    known: BTreeMap<InstanceId, Known>,
    /// Whether a job ran on a runner that does not bear the id of an instance as its name.
    has_strangers: bool,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    launched_at: Option<Timestamp>,
    state: State,
    /// First seen so.
    since: Timestamp,
    /// When GitHub was first asked that knew no connected runner of it, and knew none since.
    absent_since: Option<Timestamp>,
}

impl Memory {
    /// Those of `ids` of which nobody told yet when they were started.
    pub(super) fn without_launch(&self, ids: &[InstanceId]) -> Vec<InstanceId> {
        let is_told =
            |id: &&InstanceId| self.known.get(*id).is_some_and(|it| it.launched_at.is_some());
        ids.iter().filter(|id| !is_told(id)).cloned().collect()
    }

    /// Takes note of when instances were started.
    pub(super) fn launched(&mut self, launched: BTreeMap<InstanceId, Timestamp>) {
        for (id, at) in launched {
            let (launched_at, absent_since) = (None, None);
            let new = Known { launched_at, state: State::Booting, since: at, absent_since };
            self.known.entry(id).or_insert(new).launched_at = Some(at);
        }
    }

    /// The members as of now. Those that are not there any more are forgotten.
    pub(super) fn members(
        &mut self,
        now_there: &[Counted],
        open: &Open,
        absent_at: &AbsentAt<'_>,
        now: Timestamp,
    ) -> Vec<Member> {
        let there: BTreeSet<&InstanceId> = now_there.iter().map(|one| &one.id).collect();
        self.known.retain(|id, _| there.contains(id));
        let is_stranger = |name: &str| !name.is_empty() && name::instance(name) != Some(name);
        self.has_strangers |= open.busy.iter().any(|busy| is_stranger(&busy.runner));
        let busy: BTreeMap<&str, Timestamp> = open
            .busy
            .iter()
            .filter_map(|busy| Some((name::instance(&busy.runner)?, busy.since)))
            .collect();
        now_there.iter().map(|one| self.member(one, &busy, absent_at, now)).collect()
    }

    fn member(
        &mut self,
        one: &Counted,
        busy: &BTreeMap<&str, Timestamp>,
        absent_at: &AbsentAt<'_>,
        now: Timestamp,
    ) -> Member {
        let before = self.known.get(&one.id).copied();
        let job = busy.get(one.id.0.as_str()).copied();
        let had_one = before.is_some_and(|it| matches!(it.state, State::Busy | State::Leaving));
        let state = match (one.is_in_service(), job) {
            (_, Some(_)) => State::Busy,
            (true, None) if !one.is_healthy => State::Gone,
            (_, None) if had_one => State::Leaving,
            (true, None) => State::Idle,
            (false, None) => State::Booting,
        };
        let launched_at = before.and_then(|it| it.launched_at);
        let since = match before {
            Some(before) if before.state == state => before.since,
            _ if state == State::Booting => launched_at.unwrap_or(now),
            _ => job.unwrap_or(now),
        };
        let gone_since = before.filter(|it| it.state == State::Gone).map(|it| it.since);
        let absent_at = absent_at(&one.id).filter(|_| one.is_in_service());
        let absent_since = absent_at.map(|at| before.and_then(|it| it.absent_since).unwrap_or(at));
        let is_lost = absent_at.zip(absent_since).is_some_and(|(at, absent_since)| {
            gone_since.is_some() || at.saturating_since(absent_since) >= ABSENT_MAX
        });
        let (state, since) = match is_lost {
            true => (State::Gone, gone_since.unwrap_or(now)),
            false => (state, since),
        };
        self.known.insert(one.id.clone(), Known { launched_at, state, since, absent_since });
        Member { id: one.id.clone(), state, since, is_spot: false }
    }

    /// Whether it was off when it was seen last.
    pub(super) fn is_gone(&self, id: &InstanceId) -> bool {
        self.is(id, State::Gone)
    }

    /// Whether its runner may bear another name, and have a job: of a member that had one, or is none
    /// yet, it is known otherwise.
    pub(super) fn may_be_another(&self, id: &InstanceId) -> bool {
        self.has_strangers && self.is(id, State::Idle)
    }

    fn is(&self, id: &InstanceId, state: State) -> bool {
        self.known.get(id).is_some_and(|known| known.state == state)
    }
}

/// Runners need not be named after their instances. So many jobs run on instances that cannot be
/// told; those that have been ready for longest stand for them, so that the counts are right. A job
/// on an instance that is told, and is no member, is none of them: it runs elsewhere, or its end was
/// never told.
pub(super) fn stand_in(members: &mut [Member], open: &Open) {
    let named: BTreeSet<&str> =
        open.busy.iter().filter_map(|busy| name::instance(&busy.runner)).collect();
    let running = usize::try_from(open.backlog.running).unwrap_or(usize::MAX);
    let jobs = running.saturating_sub(named.len());
    let mut idle: Vec<&mut Member> =
        members.iter_mut().filter(|member| member.state == State::Idle).collect();
    idle.sort_by(|a, b| (a.since, &a.id).cmp(&(b.since, &b.id)));
    idle.into_iter().take(jobs).for_each(|member| member.state = State::Busy);
}

#[cfg(test)]
mod tests {
    use super::super::Launch;
    use super::*;
    use scaler::ports::Busy;
    use scaler::{Backlog, Source};

    const A: &str = "i-aaaaaaaa";
    const B: &str = "i-bbbbbbbb";

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    fn open(running: u32, busy: &[(&str, i64)]) -> Open {
        let backlog = Backlog {
            as_of: at(0),
            source: Source::Jobs,
            queued: 0,
            oldest_queued_at: None,
            ghosts: 0,
            running,
        };
        let busy =
            busy.iter().map(|(runner, since)| Busy { runner: (*runner).into(), since: at(*since) });
        Open { backlog, busy: busy.collect() }
    }

    fn one(id: &str, is_in_service: bool) -> Counted {
        let id = InstanceId(id.into());
        let launch = if is_in_service { Launch::Over } else { Launch::UnderWay };
        Counted { id, launch, is_healthy: true, is_protected: true }
    }

    /// States of the members and since when.
    fn look(memory: &mut Memory, there: &[Counted], open: &Open, secs: i64) -> Vec<(State, i64)> {
        let mut members = memory.members(there, open, &|_| None, at(secs));
        stand_in(&mut members, open);
        members.iter().map(|member| (member.state, member.since.as_secs())).collect()
    }

    #[test]
    fn an_instance_boots_waits_works_and_leaves() {
        let mut memory = Memory::default();
        let none = open(0, &[]);
        assert_eq!(look(&mut memory, &[one(A, false)], &none, 10), [(State::Booting, 10)]);
        assert_eq!(look(&mut memory, &[one(A, false)], &none, 20), [(State::Booting, 10)]);
        assert_eq!(look(&mut memory, &[one(A, true)], &none, 30), [(State::Idle, 30)]);
        assert_eq!(look(&mut memory, &[one(A, true)], &none, 40), [(State::Idle, 30)]);
        let works = open(1, &[("linux-i-aaaaaaaa", 45)]);
        assert_eq!(look(&mut memory, &[one(A, true)], &works, 50), [(State::Busy, 45)]);
        assert_eq!(look(&mut memory, &[one(A, true)], &none, 60), [(State::Leaving, 60)]);
        assert_eq!(look(&mut memory, &[one(A, true)], &none, 70), [(State::Leaving, 60)]);
        assert!(look(&mut memory, &[], &none, 80).is_empty() && memory.known.is_empty());
    }

    #[test]
    fn an_instance_that_is_off_is_gone_once_no_job_is_open_on_it() {
        let mut memory = Memory::default();
        let off = |id| Counted { is_healthy: false, ..one(id, true) };
        let works = open(1, &[(A, 5)]);
        let seen = look(&mut memory, &[off(A), off(B)], &works, 10);
        assert_eq!(seen, [(State::Busy, 5), (State::Gone, 10)]);
        assert!(memory.is_gone(&InstanceId(B.into())) && !memory.is_gone(&InstanceId(A.into())));
        let seen = look(&mut memory, &[off(A), one(B, true)], &open(0, &[]), 20);
        assert_eq!(seen, [(State::Gone, 20), (State::Idle, 20)], "a check that passes again");
    }

    #[test]
    fn an_instance_in_service_is_lost_once_its_runner_was_absent_for_long() {
        let (mut memory, works) = (Memory::default(), open(1, &[(B, 10)]));
        let there = [one(A, true), one(B, true), one("i-cccccccc", false)];
        let mut asked = |absent_at: Option<i64>, now: i64| {
            let absent_at = absent_at.map(at);
            let members = memory.members(&there, &works, &|_| absent_at, at(now));
            members.iter().map(|member| (member.state, member.since.as_secs())).collect::<Vec<_>>()
        };
        let as_told = [(State::Idle, 10), (State::Busy, 10), (State::Booting, 10)];
        assert_eq!(asked(None, 10), as_told);
        assert_eq!(asked(Some(5000), 5010), as_told, "it is away for the first time");
        assert_eq!(asked(None, 5310), as_told);
        assert_eq!(asked(Some(5600), 5610), as_told);
        assert_eq!(asked(Some(6499), 6500), as_told, "it may connect still");
        let lost = [(State::Gone, 6510), (State::Gone, 6510), (State::Booting, 10)];
        assert_eq!(asked(Some(6500), 6510), lost, "though a job is open on it");
        assert_eq!(asked(Some(6500), 6520), lost);
        assert_eq!(asked(None, 6530)[0], (State::Idle, 6530), "it is connected after all");
    }

    #[test]
    fn a_job_on_an_instance_of_elsewhere_takes_no_place() {
        let mut memory = Memory::default();
        let elsewhere = open(1, &[("i-dddddddd", 5)]);
        assert_eq!(look(&mut memory, &[one(A, true)], &elsewhere, 10), [(State::Idle, 10)]);
    }

    #[test]
    fn a_boot_counts_from_its_start_where_that_is_known() {
        let mut memory = Memory::default();
        let ids = [InstanceId(A.into()), InstanceId(B.into())];
        assert_eq!(memory.without_launch(&ids), ids);
        memory.launched(BTreeMap::from([(ids[0].clone(), at(3))]));
        assert_eq!(memory.without_launch(&ids), ids[1..]);
        let there = [one(A, false), one(B, false)];
        let seen = look(&mut memory, &there, &open(0, &[]), 10);
        assert_eq!(seen, [(State::Booting, 3), (State::Booting, 10)]);
    }

    #[test]
    fn jobs_on_runners_of_other_names_still_take_places() {
        let mut memory = Memory::default();
        look(&mut memory, &[one(B, true)], &open(0, &[]), 10);
        let there = [one(A, true), one(B, true)];
        let seen = look(&mut memory, &there, &open(1, &[("runner-7", 15)]), 20);
        assert_eq!(seen, [(State::Idle, 20), (State::Busy, 10)]);
        let seen = look(&mut memory, &there, &open(5, &[]), 30);
        assert_eq!(seen.iter().filter(|(state, _)| *state == State::Busy).count(), 2);
    }
}
