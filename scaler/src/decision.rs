//! A decision: what was known, what was planned, and what came of it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use model::InstanceId;
use serde::{Deserialize, Serialize};

use crate::ports::Trouble;
use crate::{Boots, Plan, Reason, Snapshot};

/// One decision about one pool.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// What was known.
    pub snapshot: Snapshot,
    /// What was planned.
    pub plan: Plan,
    /// Whether the group is real: otherwise this is what would have been done.
    pub is_real: bool,
    /// What the world did not answer or refused.
    pub troubles: Vec<Trouble>,
    /// What became of instances since the last look.
    pub boots: Boots,
    /// Whether it is worth keeping: it changes something, or the reasons are others.
    pub is_news: bool,
}

/// What two decisions are compared by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gist {
    desired: u32,
    warm: Option<u32>,
    remove: Vec<InstanceId>,
    words: BTreeSet<Cow<'static, str>>,
    /// Whether it came true.
    is_done: bool,
}

impl Gist {
    /// Of a plan that came true or not.
    pub fn of(plan: &Plan, is_done: bool) -> Self {
        Gist {
            desired: plan.desired,
            warm: plan.warm,
            remove: plan.remove.iter().map(|removal| removal.id.clone()).collect(),
            words: plan.because.iter().map(|reason| reason.word().into()).collect(),
            is_done,
        }
    }

    /// Whether `plan` says something that this does not. What came true is news when it is to be
    /// done again; what did not come true is said once.
    pub fn is_outdone_by(&self, snapshot: &Snapshot, plan: &Plan) -> bool {
        let next = Gist::of(plan, self.is_done);
        let changes = changes(snapshot, plan);
        next.words != self.words || changes && (self.is_done || next != *self)
    }
}

/// Whether a plan asks for anything that is not so already.
fn changes(snapshot: &Snapshot, plan: &Plan) -> bool {
    let fleet = &snapshot.fleet;
    plan.desired != fleet.desired
        || plan.spot != fleet.spot.map(|spot| spot.desired)
        || plan.warm.is_some_and(|warm| warm != fleet.warm.size)
        || !plan.remove.is_empty()
}

impl Plan {
    /// Whether a reader should see it: it changes something, or something stands in its way.
    pub fn is_notable(&self, snapshot: &Snapshot) -> bool {
        changes(snapshot, self) || self.main_reason().is_some_and(|reason| rank(reason) <= BINDING)
    }

    /// The reason that decided most: why capacity is what it is.
    pub fn main_reason(&self) -> Option<&Reason> {
        self.because.iter().min_by_key(|reason| rank(reason))
    }
}

/// Up to this rank a reason stands in the way of what was wanted.
const BINDING: u8 = 2;

/// Data that is missing decides everything; then what binds; then what asks; then the rest.
fn rank(reason: &Reason) -> u8 {
    match reason {
        Reason::JobsTooOld { .. } | Reason::FleetTooOld { .. } => 0,
        Reason::ClampedToMax { .. } => 1,
        Reason::BootOverdue { .. } => 2,
        Reason::QueueExceedsCapacity { .. } => 3,
        Reason::SpotInterrupted { .. }
        | Reason::SpotShort { .. }
        | Reason::OnDemandShort { .. } => BINDING,
        Reason::MakesRoom { .. }
        | Reason::Gone { .. }
        | Reason::LeavingTooLong { .. }
        | Reason::IdleTooLong { .. }
        | Reason::RaisedToMin { .. } => 4,
        Reason::WarmPoolGrows { .. }
        | Reason::WarmPoolShrinks { .. }
        | Reason::WarmPoolFixed { .. } => 5,
        Reason::CapacityOnItsWay { .. } | Reason::Balanced { .. } => 6,
        _ => 7,
    }
}
