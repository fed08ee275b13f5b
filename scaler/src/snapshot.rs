//! What the scaler knows about one pool at one instant: plain data, gathered by somebody else.
//!
//! A snapshot holds everything that a decision depends on beside the [`Policy`](crate::Policy), so
//! a stored one can be decided again and gives the same plan.

use std::time::Duration;

use model::{InstanceId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Avoided, Capacity, Outlook};

/// One pool at one instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// The pool's name.
    pub pool: String,
    /// When the decision is made.
    pub now: Timestamp,
    /// Why it is made now.
    pub occasion: Occasion,
    /// The jobs.
    pub backlog: Backlog,
    /// The instances.
    pub fleet: Fleet,
    /// The demand that is to be expected.
    pub outlook: Outlook,
    /// Since when the pool-exhaustion alarm holds, if it does.
    pub exhausted_since: Option<Timestamp>,
    /// Where no instance is ordered from now.
    #[serde(default, skip_serializing_if = "Avoided::is_nothing")]
    pub avoided: Avoided,
}

/// What made the scaler look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// Its schedule: the only occasion on which capacity is lowered.
    Schedule,
    /// A queued job or an alarm: capacity may rise, so ticks of this kind may overlap others.
    Event,
}

/// The jobs of a pool, counted from the state of each job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backlog {
    /// How fresh this is: the state of all jobs as of this instant.
    pub as_of: Timestamp,
    /// What it was counted from.
    pub source: Source,
    /// Jobs that wait for a runner and are believed.
    pub queued: u32,
    /// When the oldest of them was queued.
    pub oldest_queued_at: Option<Timestamp>,
    /// Jobs that still count as queued at GitHub's last word, but are past belief.
    pub ghosts: u32,
    /// Jobs that have a runner.
    pub running: u32,
}

/// What a backlog was counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The state of each job.
    Jobs,
    /// Metric series, because the state of jobs is stale: good enough to raise, never to lower.
    Series,
}

/// The instances of a pool as its groups count them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fleet {
    /// How fresh this is.
    pub as_of: Timestamp,
    /// The desired capacity that the groups have now.
    pub desired: u32,
    /// The instances that count towards it, but those of the crowds.
    pub members: Vec<Member>,
    /// Further ones, of whom only the number matters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crowds: Vec<Crowd>,
    /// The stopped instances beside them.
    pub warm: Warm,
    /// The part of it that is a group of Spot instances; none: there is no such group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spot: Option<SpotGroup>,
    /// Those of the instances that boot that wait until their runner is registered.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub registering: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks for it")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A group of Spot instances beside the one of On-Demand instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpotGroup {
    /// The desired capacity that it has now.
    pub desired: u32,
    /// The instances that count towards it.
    pub members: u32,
    /// Instances that AWS took away within the last [`INTERRUPTIONS_WINDOW`].
    ///
    /// [`INTERRUPTIONS_WINDOW`]: crate::INTERRUPTIONS_WINDOW
    pub interrupted: u32,
}

/// One instance of the group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Its id.
    pub id: InstanceId,
    /// What it does.
    pub state: State,
    /// Since when it does that.
    pub since: Timestamp,
    /// Whether it is of the group of Spot instances.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_spot: bool,
}

/// Members of the group that do the same and are not told one by one: thousands of names say no
/// more than their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crowd {
    /// What they do.
    pub state: State,
    /// How many.
    pub instances: u32,
    /// Since when the first of them does that; the others began later.
    pub since: Timestamp,
}

/// What a member of the group does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It was ordered and its runner has not registered yet.
    Booting,
    /// Its runner waits for a job.
    Idle,
    /// Its runner has a job.
    Busy,
    /// Its job is over and it has not left yet: a member, but no capacity.
    Leaving,
    /// Its machine is off or broken, and it has no job, or its runner is not connected: a member
    /// until somebody takes it out.
    Gone,
}

/// The warm pool: instances that are prepared and stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warm {
    /// How many the group is told to hold.
    pub size: u32,
    /// Those that are ready to start.
    pub stopped: u32,
    /// Those that are being prepared.
    pub preparing: u32,
}

impl Fleet {
    /// The desired capacities.
    pub fn ordered(&self) -> Capacity {
        parted(self.desired, self.spot.map_or(0, |spot| spot.desired))
    }

    /// The instances that count towards them.
    pub fn there(&self) -> Capacity {
        let crowds: u32 = self.crowds.iter().map(|crowd| crowd.instances).sum();
        let members = u32::try_from(self.members.len()).unwrap_or(u32::MAX);
        let all = members.saturating_add(crowds);
        parted(all, self.spot.map_or(0, |spot| spot.members))
    }
}

fn parted(all: u32, spot: u32) -> Capacity {
    Capacity { on_demand: all.saturating_sub(spot), spot }
}

impl Member {
    /// How long it has been in its state.
    pub fn age(&self, now: Timestamp) -> Duration {
        now.saturating_since(self.since)
    }
}
