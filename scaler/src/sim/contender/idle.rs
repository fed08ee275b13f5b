//! What peers remove: instances that idle.

use std::time::Duration;

use model::Timestamp;

use crate::{Member, Removal, Snapshot, State};

/// The longest idle of those that are more than `keep`, if they have been so for `hold`; and when
/// the next of them will have been.
pub fn beyond(seen: &Snapshot, keep: u32, hold: Duration) -> (Vec<Removal>, Option<Timestamp>) {
    let surplus = count(seen, State::Idle).saturating_sub(keep) as usize;
    if surplus == 0 {
        return (Vec::new(), None);
    }
    let mut idle: Vec<&Member> =
        seen.fleet.members.iter().filter(|member| member.state == State::Idle).collect();
    idle.sort_by_key(|member| (member.since, &member.id));
    idle.truncate(surplus);
    let due = idle.partition_point(|member| member.since.plus(hold) <= seen.now);
    let next = idle.get(due).map(|member| member.since.plus(hold));
    let removal = |member: &&Member| Removal { id: member.id.clone(), deregister: true };
    (idle[..due].iter().map(removal).collect(), next)
}

/// Members in `state`.
pub fn count(seen: &Snapshot, state: State) -> u32 {
    let found = seen.fleet.members.iter().filter(|member| member.state == state).count();
    u32::try_from(found).unwrap_or(u32::MAX)
}

/// How many these are.
pub fn len(removals: &[Removal]) -> u32 {
    u32::try_from(removals.len()).unwrap_or(u32::MAX)
}
