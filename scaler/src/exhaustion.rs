//! The pool-exhaustion alarm: jobs wait, nothing is on its way, and no more may be started.

use model::Timestamp;

use crate::census::Census;
use crate::{Policy, Snapshot};

/// Since when the pool is exhausted, if it is. It begins when jobs wait at the usual ceiling with
/// nothing idle or booting; it ends when no job waits or the pool is below that ceiling again.
/// Instances that boot beyond the usual ceiling are its effect and do not end it.
pub fn since(snapshot: &Snapshot, policy: &Policy) -> Option<Timestamp> {
    let census = Census::of(snapshot, policy);
    let is_full = census.members() >= policy.ceiling(false);
    let waits = snapshot.backlog.queued > 0;
    let begins = census.idle == 0 && census.booting == 0;
    match snapshot.exhausted_since {
        Some(since) if waits && is_full => Some(since),
        None if waits && is_full && begins => Some(snapshot.now),
        _ => None,
    }
}
