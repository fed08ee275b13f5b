//! What became of instances between two looks at a group: boots that ended in a runner, and others.

use std::collections::BTreeSet;
use std::time::Duration;

use model::{InstanceId, Timestamp};

use crate::{Fleet, Member, Removal, State};

/// Boots that ended between two looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Boots {
    /// From order to runner, of those that became one. Of a runner that took a job before it was
    /// seen idle, until it had the job.
    pub took: Vec<Duration>,
    /// Those that did not: past their deadline, or gone while they booted.
    pub failed: u32,
    /// Instances that were taken away, in whatever state.
    pub interrupted: u32,
}

/// What was asked for and told beside the looks.
#[derive(Clone, Copy, Debug)]
pub struct Between<'a> {
    /// What the last decision removed.
    pub removed: &'a [Removal],
    /// What was taken away.
    pub interrupted: &'a [InstanceId],
    /// An instance without a runner after this is given up.
    pub deadline: Duration,
}

impl Boots {
    /// Of the instances that the earlier look saw.
    pub fn between(before: &Fleet, after: &Fleet, between: Between<'_>) -> Boots {
        let gone: BTreeSet<&InstanceId> =
            between.removed.iter().map(|removal| &removal.id).chain(between.interrupted).collect();
        let interrupted = u32::try_from(between.interrupted.len()).unwrap_or(u32::MAX);
        let mut boots = Boots { interrupted, ..Boots::default() };
        let is_late = |member: &Member, at: Timestamp| member.since.plus(between.deadline) <= at;
        for member in before.members.iter().filter(|member| member.state == State::Booting) {
            // One that was late already is counted.
            let was_late = is_late(member, before.as_of);
            match after.members.iter().find(|now| now.id == member.id) {
                Some(now) if now.state == State::Booting => {
                    boots.failed += u32::from(!was_late && is_late(member, after.as_of));
                }
                Some(now) if now.state == State::Gone => boots.failed += u32::from(!was_late),
                Some(now) => boots.took.push(now.since.saturating_since(member.since)),
                None => boots.failed += u32::from(!was_late && !gone.contains(&member.id)),
            }
        }
        boots
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Warm;

    fn fleet(secs: i64, members: &[(&str, State, i64)]) -> Fleet {
        let at = Timestamp::from_secs;
        let member = |(id, state, since): &(&str, State, i64)| Member {
            id: InstanceId((*id).to_owned()),
            state: *state,
            since: at(*since),
            is_spot: false,
        };
        let members = members.iter().map(member).collect();
        Fleet {
            as_of: at(secs),
            desired: 0,
            members,
            crowds: Vec::new(),
            warm: Warm::default(),
            spot: None,
            registering: 0,
        }
    }

    fn check(after: &[(&str, State, i64)], at: i64, interrupted: &[&str], expected: &Boots) {
        let before = fleet(100, &[("a", State::Booting, 0), ("b", State::Busy, 0)]);
        let interrupted: Vec<InstanceId> =
            interrupted.iter().map(|id| InstanceId((*id).to_owned())).collect();
        let deadline = Duration::from_mins(5);
        let between = Between { removed: &[], interrupted: &interrupted, deadline };
        assert_eq!(Boots::between(&before, &fleet(at, after), between), *expected);
    }

    #[test]
    fn a_boot_lasts_from_the_order_to_the_runner() {
        let took = Boots { took: vec![Duration::from_secs(105)], ..Boots::default() };
        check(&[("a", State::Idle, 105)], 110, &[], &took);
        check(&[("a", State::Busy, 105), ("b", State::Busy, 0)], 110, &[], &took);
    }

    #[test]
    fn a_boot_fails_once_by_being_late_or_gone() {
        let failed = Boots { failed: 1, ..Boots::default() };
        check(&[("a", State::Booting, 0)], 299, &[], &Boots::default());
        check(&[("a", State::Booting, 0)], 300, &[], &failed);
        check(&[], 110, &[], &failed);
        let late = fleet(300, &[("a", State::Booting, 0)]);
        let between = Between { removed: &[], interrupted: &[], deadline: Duration::from_mins(5) };
        assert_eq!(Boots::between(&late, &late, between), Boots::default());
        assert_eq!(Boots::between(&late, &fleet(310, &[]), between), Boots::default());
    }

    #[test]
    fn what_was_taken_away_did_not_fail_to_boot() {
        check(&[], 110, &["a", "b"], &Boots { interrupted: 2, ..Boots::default() });
    }
}
