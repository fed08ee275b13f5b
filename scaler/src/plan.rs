//! The decision: desired capacity, stopped pool and removals, each with its reasons.
//!
//! The level rule is never wrong about now. It counts instances that boot, so it never launches
//! twice for one job; what it writes is absolute, so two ticks on the same facts write the same; it
//! has no cooldown, because it needs none; and it lowers only by removing instances by name, so the
//! group never chooses a victim.

use std::time::Duration;

use model::{InstanceId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::census::{self, Census, LEAVING_MAX};
use crate::{Capacity, Hot, Occasion, Policy, Reason, Snapshot, Source, State, Stopped, market};

/// Jobs that wait for longer than this beside an idle runner are suspect: GitHub assigns within
/// seconds.
pub const GHOST_SUSPECT_AGE: Duration = Duration::from_mins(5);

/// What is to be done with one pool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The group's desired capacity, after the removals.
    pub desired: u32,
    /// So much of it is of the group of Spot instances; none: there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spot: Option<u32>,
    /// The size of the stopped pool; none: leave it alone.
    pub warm: Option<u32>,
    /// Instances that are to be removed by name, oldest first, each lowering the capacity by one.
    pub remove: Vec<Removal>,
    /// Why, in the order in which it was decided; never empty.
    pub because: Vec<Reason>,
    /// On the same facts, kept fresh, the numbers and removals are the same before this instant.
    pub same_until: Option<Timestamp>,
}

impl Plan {
    /// The desired capacity by market.
    pub fn capacity(&self) -> Capacity {
        let spot = self.spot.unwrap_or(0);
        Capacity { on_demand: self.desired.saturating_sub(spot), spot }
    }
}

/// An instance that is to be removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Removal {
    /// Which.
    pub id: InstanceId,
    /// Whether its runner must be deregistered first, which GitHub refuses while it is busy.
    pub deregister: bool,
}

/// Decides about one pool. Total: every snapshot has a plan.
pub fn plan(snapshot: &Snapshot, policy: &Policy) -> Plan {
    let mut because = Vec::with_capacity(3);
    if let Some(reason) = too_old(snapshot, policy) {
        because.push(reason);
        return hold(snapshot, because);
    }
    let census = Census::of(snapshot, policy);
    let may_lower = may_lower(snapshot, &mut because);
    let level = level(snapshot, policy, &census, may_lower, &mut because);
    let spot = policy.spot.unwrap_or_default();
    let parted = (level.desired, &level.remove[..]);
    let in_spot = market::split(snapshot, &spot, parted, may_lower, &mut because);
    let warm = stock(snapshot, policy, may_lower, &mut because);
    Plan {
        desired: level.desired,
        spot: in_spot,
        warm,
        remove: level.remove,
        because,
        same_until: same_until(snapshot, policy, &census),
    }
}

fn hold(snapshot: &Snapshot, because: Vec<Reason>) -> Plan {
    Plan {
        desired: snapshot.fleet.desired,
        spot: snapshot.fleet.spot.map(|spot| spot.desired),
        warm: None,
        remove: Vec::new(),
        because,
        same_until: None,
    }
}

fn too_old(snapshot: &Snapshot, policy: &Policy) -> Option<Reason> {
    let limit_secs = policy.data_age_max.as_secs();
    let jobs = snapshot.now.saturating_since(snapshot.backlog.as_of);
    let fleet = snapshot.now.saturating_since(snapshot.fleet.as_of);
    if jobs > policy.data_age_max {
        return Some(Reason::JobsTooOld { age_secs: jobs.as_secs(), limit_secs });
    }
    (fleet > policy.data_age_max)
        .then_some(Reason::FleetTooOld { age_secs: fleet.as_secs(), limit_secs })
}

fn may_lower(snapshot: &Snapshot, because: &mut Vec<Reason>) -> bool {
    match (snapshot.occasion, snapshot.backlog.source) {
        (Occasion::Schedule, Source::Jobs) => true,
        (Occasion::Event, Source::Jobs) => false,
        (_, Source::Series) => {
            because.push(Reason::SeriesOnly);
            false
        }
    }
}

struct Level {
    desired: u32,
    remove: Vec<Removal>,
}

fn level(
    snapshot: &Snapshot,
    policy: &Policy,
    census: &Census,
    may_lower: bool,
    because: &mut Vec<Reason>,
) -> Level {
    let mut remove = Vec::new();
    let queued = snapshot.backlog.queued;
    suspect_ghosts(snapshot, census, because);
    let asked = queued.saturating_add(hot(snapshot, policy));
    let capacity = census.idle + census.booting;
    let launch = asked.saturating_sub(capacity);
    explain_level(snapshot, policy, census, launch, because);
    if may_lower {
        remove_overdue(snapshot, policy, census, &mut remove, because);
        remove_dead(snapshot, policy, census, &mut remove, because);
        let surplus = capacity.saturating_sub(asked);
        remove_idle(snapshot, policy, census, surplus, &mut remove, because);
    }
    let ceiling = ceiling(snapshot, policy, because);
    let members = census.members();
    let mut wanted = (members - count(&remove)).saturating_add(launch);
    if may_lower && wanted > ceiling {
        wanted -= make_room(snapshot, census, wanted - ceiling, &mut remove, because);
    }
    let mut desired = clamp(wanted, policy.runners_min, ceiling, because);
    if !may_lower && desired < snapshot.fleet.desired {
        desired = snapshot.fleet.desired;
        because.push(Reason::OnlyRaises);
    }
    // A ceiling that was lowered takes effect as jobs end: no running instance is taken away.
    Level { desired: desired.max(members - count(&remove)), remove }
}

fn count(removals: &[Removal]) -> u32 {
    u32::try_from(removals.len()).unwrap_or(u32::MAX)
}

/// How many running instances without a job are to be there besides.
fn hot(snapshot: &Snapshot, policy: &Policy) -> u32 {
    match &policy.hot {
        Hot::None => 0,
        Hot::Flat { runners } => *runners,
        Hot::Schedule { otherwise, windows } => {
            let fitting = windows.iter().find(|window| window.contains(snapshot.now));
            fitting.map_or(*otherwise, |window| window.runners)
        }
        Hot::Quantile { .. } | Hot::Worthwhile { .. } => snapshot.outlook.hot.instances,
    }
}

fn explain_level(
    snapshot: &Snapshot,
    policy: &Policy,
    census: &Census,
    launch: u32,
    because: &mut Vec<Reason>,
) {
    let queued = snapshot.backlog.queued;
    let (idle, booting, busy) = (census.idle, census.booting, census.busy);
    if snapshot.backlog.ghosts > 0 {
        because.push(Reason::GhostsExcluded { jobs: snapshot.backlog.ghosts });
    }
    because.push(match (launch, queued) {
        (0, 0) => Reason::Balanced { busy, idle, booting },
        (0, _) => Reason::CapacityOnItsWay { queued, idle, booting },
        _ => {
            let hot = hot(snapshot, policy);
            Reason::QueueExceedsCapacity { queued, hot, idle, booting, launch }
        }
    });
}

/// An idle runner beside a job that waits for long is evidence that nothing waits at all.
fn suspect_ghosts(snapshot: &Snapshot, census: &Census, because: &mut Vec<Reason>) {
    let Some(oldest) = snapshot.backlog.oldest_queued_at else { return };
    let age = snapshot.now.saturating_since(oldest);
    if census.idle > 0 && snapshot.backlog.queued > 0 && age > GHOST_SUSPECT_AGE {
        because.push(Reason::GhostSuspected {
            queued: snapshot.backlog.queued,
            idle: census.idle,
            oldest_secs: age.as_secs(),
        });
    }
}

fn remove_overdue(
    snapshot: &Snapshot,
    policy: &Policy,
    census: &Census,
    remove: &mut Vec<Removal>,
    because: &mut Vec<Reason>,
) {
    if census.overdue == 0 {
        return;
    }
    remove.extend(census::due(snapshot, State::Booting, policy).into_iter().map(removal(true)));
    because.push(Reason::BootOverdue {
        instances: census.overdue,
        deadline_secs: policy.times.registration_deadline.as_secs(),
    });
}

/// Those that end no more by themselves.
fn remove_dead(
    snapshot: &Snapshot,
    policy: &Policy,
    census: &Census,
    remove: &mut Vec<Removal>,
    because: &mut Vec<Reason>,
) {
    if census.gone > 0 {
        remove.extend(census::of(snapshot, State::Gone).into_iter().map(removal(true)));
        because.push(Reason::Gone { instances: census.gone });
    }
    if census.lingering > 0 {
        let due = census::due(snapshot, State::Leaving, policy);
        remove.extend(due.into_iter().map(removal(true)));
        let limit_secs = LEAVING_MAX.as_secs();
        because.push(Reason::LeavingTooLong { instances: census.lingering, limit_secs });
    }
}

fn removal<'a>(deregister: bool) -> impl Fn(&'a InstanceId) -> Removal {
    move |id| Removal { id: id.clone(), deregister }
}

fn remove_idle(
    snapshot: &Snapshot,
    policy: &Policy,
    census: &Census,
    surplus: u32,
    remove: &mut Vec<Removal>,
    because: &mut Vec<Reason>,
) {
    let surplus = surplus.min(census.idle);
    if surplus == 0 {
        return;
    }
    let hold_secs = policy.idle_hold().as_secs();
    let above_min = (census.members() - count(remove)).saturating_sub(policy.runners_min);
    let going = surplus.min(census.idle_too_long).min(above_min);
    if going > 0 {
        let oldest = census::of(snapshot, State::Idle).into_iter();
        remove.extend(oldest.take(going as usize).map(removal(true)));
        because.push(Reason::IdleTooLong { instances: going, hold_secs });
    }
    if surplus > going {
        because.push(Reason::IdleHeld { instances: surplus - going, hold_secs });
    }
}

fn ceiling(snapshot: &Snapshot, policy: &Policy, because: &mut Vec<Reason>) -> u32 {
    let usual = policy.ceiling(false);
    let Some(since) = snapshot.exhausted_since else { return usual };
    let ceiling = policy.ceiling(true);
    let for_secs = snapshot.now.saturating_since(since).as_secs();
    because.push(Reason::Exhausted { for_secs, ceiling, usual });
    ceiling
}

/// Removes instances whose job is over; how many.
fn make_room(
    snapshot: &Snapshot,
    census: &Census,
    over: u32,
    remove: &mut Vec<Removal>,
    because: &mut Vec<Reason>,
) -> u32 {
    let instances = census.leaving.min(over);
    if instances > 0 {
        let oldest = census::of(snapshot, State::Leaving).into_iter();
        let oldest = oldest.skip(census.lingering as usize);
        remove.extend(oldest.take(instances as usize).map(removal(false)));
        because.push(Reason::MakesRoom { instances });
    }
    instances
}

fn clamp(wanted: u32, min: u32, max: u32, because: &mut Vec<Reason>) -> u32 {
    if wanted > max {
        because.push(Reason::ClampedToMax { wanted, max });
        max
    } else if wanted < min.min(max) {
        because.push(Reason::RaisedToMin { wanted, min });
        min.min(max)
    } else {
        wanted
    }
}

/// The size of the stopped pool.
fn stock(
    snapshot: &Snapshot,
    policy: &Policy,
    may_lower: bool,
    because: &mut Vec<Reason>,
) -> Option<u32> {
    let from = snapshot.fleet.warm.size;
    let to = match policy.stopped {
        Stopped::None => return None,
        Stopped::Constant { instances } => instances,
        Stopped::Worthwhile { .. } | Stopped::Share { .. } => {
            let spot = policy.spot.unwrap_or_default();
            market::on_demand_part(snapshot, &spot, snapshot.outlook.stopped_held)
        }
    };
    let max = policy.ceiling(false).saturating_sub(policy.runners_min);
    if to > max {
        because.push(Reason::WarmPoolClamped { wanted: to, max });
    }
    let to = to.min(max);
    if to < from && !may_lower {
        return Some(from);
    }
    because.push(explain_stock(snapshot, policy, from, to));
    Some(to)
}

fn explain_stock(snapshot: &Snapshot, policy: &Policy, from: u32, to: u32) -> Reason {
    let stopped = &snapshot.outlook.stopped;
    let hold_secs = policy.stopped_hold().as_secs();
    if matches!(policy.stopped, Stopped::Constant { .. }) {
        return match from == to {
            true => Reason::WarmPoolFits { size: to },
            false => Reason::WarmPoolFixed { from, to },
        };
    }
    match to {
        0 if !snapshot.outlook.learned => Reason::StillLearning,
        _ if to > from => Reason::WarmPoolGrows {
            from,
            to,
            used_per_day: stopped.last_used_per_day,
            worth_per_day: stopped.worth_per_day,
        },
        _ if to < from => Reason::WarmPoolShrinks { from, to, unwanted_secs: hold_secs },
        _ if to > stopped.instances => {
            Reason::WarmPoolHeld { size: to, wanted: stopped.instances, hold_secs }
        }
        _ => Reason::WarmPoolFits { size: to },
    }
}

/// When the passing of time alone may change the plan.
fn same_until(snapshot: &Snapshot, policy: &Policy, census: &Census) -> Option<Timestamp> {
    let scheduled = match &policy.hot {
        Hot::Schedule { .. } => Some(next_hour(snapshot.now)),
        _ => None,
    };
    let counted = [census.next_overdue_at, census.next_idle_too_long_at, census.next_lingering_at];
    counted.into_iter().chain([snapshot.outlook.same_until, scheduled]).flatten().min()
}

fn next_hour(now: Timestamp) -> Timestamp {
    Timestamp::from_secs((now.as_secs().div_euclid(3600) + 1) * 3600)
}
