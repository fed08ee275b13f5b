//! The pool-exhaustion alarm: jobs wait, nothing is on its way, and no more may be started.

use model::Timestamp;

use crate::census::Census;
use crate::{Policy, Snapshot};

/// Since when the pool is exhausted, if it is. It begins when jobs wait at the usual ceiling with
/// nothing idle or booting; it ends when no job waits or the pool is below that ceiling again.
/// Instances that boot beyond the usual ceiling are its effect and do not end it.
///
/// An alarm judges the same of whole minutes, to be sure before it wakes anybody. So it begins later
/// and ends later than what is found here at once; while it fires the pool counts as exhausted, and
/// nobody is told of an exhaustion that the scaler denies.
pub fn since(
    snapshot: &Snapshot,
    policy: &Policy,
    alarmed: Option<Timestamp>,
) -> Option<Timestamp> {
    let census = Census::of(snapshot, policy);
    let is_full = census.members() >= policy.ceiling(false);
    let waits = snapshot.backlog.queued > 0;
    let begins = census.idle == 0 && census.booting == 0;
    match snapshot.exhausted_since {
        Some(since) if waits && is_full || alarmed.is_some() => Some(since),
        None if waits && is_full && begins => Some(snapshot.now),
        _ => alarmed,
    }
}
