//! A snapshot of a large fleet in few words.
//!
//! A decision is kept with everything that it was made of. Of thousands of instances that is their
//! number by what they are good for, and the names of those that the plan removes: decided again by
//! the same policy, the shorter snapshot gives the same plan.

use std::collections::{BTreeMap, BTreeSet};

use model::{InstanceId, Timestamp};

use crate::census::is_due;
use crate::{Crowd, Fleet, Plan, Policy, Removal, Snapshot, State};

/// Members of a fleet that are told one by one; those of a larger one are counted. A kept decision
/// stays below ten kilobytes.
pub const MEMBERS_TOLD_MAX: usize = 64;

impl Snapshot {
    /// The same with members that are only counted, where there are many and `plan`, which was made
    /// of it by `policy`, names none of them.
    pub fn condensed(&self, plan: &Plan, policy: &Policy) -> Snapshot {
        if self.fleet.members.len() <= MEMBERS_TOLD_MAX {
            return self.clone();
        }
        Snapshot {
            pool: self.pool.clone(),
            now: self.now,
            occasion: self.occasion,
            backlog: self.backlog.clone(),
            fleet: condensed(&self.fleet, &plan.remove, |member| is_due(member, self.now, policy)),
            outlook: self.outlook.clone(),
            exhausted_since: self.exhausted_since,
            avoided: self.avoided,
        }
    }
}

fn condensed(
    fleet: &Fleet,
    removals: &[Removal],
    is_due: impl Fn(&crate::Member) -> bool,
) -> Fleet {
    let removed: BTreeSet<&InstanceId> = removals.iter().map(|removal| &removal.id).collect();
    let (named, others): (Vec<_>, Vec<_>) =
        fleet.members.iter().partition(|member| removed.contains(&member.id));
    // What is due and what is not are counted apart: time has passed for one of them only.
    let mut crowds: BTreeMap<(State, bool), (u32, Timestamp)> = BTreeMap::new();
    for member in others {
        let crowd = crowds.entry((member.state, is_due(member))).or_insert((0, member.since));
        *crowd = (crowd.0 + 1, crowd.1.min(member.since));
    }
    let crowds = crowds
        .into_iter()
        .map(|((state, _), (instances, since))| Crowd { state, instances, since })
        .chain(fleet.crowds.iter().copied());
    Fleet {
        as_of: fleet.as_of,
        desired: fleet.desired,
        members: named.into_iter().cloned().collect(),
        crowds: crowds.collect(),
        warm: fleet.warm,
        spot: fleet.spot,
        registering: fleet.registering,
    }
}
