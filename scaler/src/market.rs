//! On-Demand and Spot instances side by side: which of the two markets new instances come from.
//!
//! A pool may have a second group beside its own, of Spot instances and without a warm pool. New
//! instances are split between the two by a share. A market that takes instances away or does not
//! give them is avoided for a while, and the other one gives them all.

use std::time::Duration;

use model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::secs;
use crate::{Fleet, Reason, Removal, Snapshot};

/// Instances that AWS takes away are counted over this long.
pub const INTERRUPTIONS_WINDOW: Duration = Duration::from_mins(10);

/// How a pool uses Spot instances.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Spot {
    /// The part of all instances that is to be Spot ones, 0..1.
    pub share: f64,
    /// Spot is avoided when so many instances were taken away within [`INTERRUPTIONS_WINDOW`].
    pub interruptions_max: u32,
    /// A market is avoided that has given nothing more for so long.
    #[serde(with = "secs")]
    pub short_after: Duration,
    /// For so long a market is avoided.
    #[serde(with = "secs")]
    pub pause: Duration,
}

impl Default for Spot {
    fn default() -> Self {
        Spot {
            share: 0.7,
            interruptions_max: 5,
            short_after: Duration::from_mins(1),
            pause: Duration::from_mins(30),
        }
    }
}

/// Instances by the market that they come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capacity {
    /// On-Demand: all where there is no group of Spot instances.
    pub on_demand: u32,
    /// Spot.
    pub spot: u32,
}

impl Capacity {
    /// Of a pool without Spot instances.
    pub fn of(on_demand: u32) -> Self {
        Capacity { on_demand, spot: 0 }
    }

    /// Both together.
    pub fn total(self) -> u32 {
        self.on_demand.saturating_add(self.spot)
    }

    /// No more than `most` together, but no less of either than is held.
    pub(crate) fn within(self, most: u32, held: Capacity) -> Capacity {
        let over = self.total().saturating_sub(most);
        let spot = self.spot.saturating_sub(held.spot).min(over);
        let on_demand = self.on_demand.saturating_sub(held.on_demand).min(over - spot);
        Capacity { on_demand: self.on_demand - on_demand, spot: self.spot - spot }
    }
}

/// Markets from which nothing is ordered now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Avoided {
    /// Spot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spot: Option<Avoidance>,
    /// On-Demand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_demand: Option<Avoidance>,
}

impl Avoided {
    /// Whether nothing is.
    pub fn is_nothing(&self) -> bool {
        *self == Avoided::default()
    }
}

/// Why and until when a market is avoided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Avoidance {
    /// When it ends.
    pub until: Timestamp,
    /// Why.
    pub because: Cause,
}

/// Why a market is avoided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Cause {
    /// It took so many instances away.
    Interrupted(u32),
    /// It did not give so many that were ordered.
    Short(u32),
}

/// What is remembered of the two markets from look to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Markets {
    spot: Market,
    on_demand: Market,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Market {
    /// So many are missing, and since when it has given no more.
    short: Option<(u32, Timestamp)>,
    avoided: Option<Avoidance>,
}

impl Markets {
    /// Takes note of what a look saw, and says what is to be avoided now.
    pub fn seen(&mut self, fleet: &Fleet, policy: &Spot, now: Timestamp) -> Avoided {
        let Some(spot) = fleet.spot else { return Avoided::default() };
        let until = now.plus(policy.pause);
        if policy.interruptions_max > 0 && spot.interrupted >= policy.interruptions_max {
            let because = Cause::Interrupted(spot.interrupted);
            self.spot.avoided = Some(Avoidance { until, because });
        }
        let missing = |desired: u32, members: u32| desired.saturating_sub(members);
        let (ordered, there) = (fleet.ordered(), fleet.there());
        self.spot.see(missing(ordered.spot, there.spot), policy, now);
        self.on_demand.see(missing(ordered.on_demand, there.on_demand), policy, now);
        Avoided { spot: self.spot.avoided, on_demand: self.on_demand.avoided }
    }
}

impl Market {
    fn see(&mut self, missing: u32, policy: &Spot, now: Timestamp) {
        if self.avoided.is_some_and(|avoided| avoided.until <= now) {
            *self = Market::default();
        }
        self.short = match self.short {
            _ if missing == 0 => None,
            Some((before, since)) if missing >= before => Some((missing, since)),
            _ => Some((missing, now)),
        };
        let is_short = self.short.is_some_and(|(_, since)| since.plus(policy.short_after) <= now);
        if is_short && self.avoided.is_none() {
            let until = now.plus(policy.pause);
            self.avoided = Some(Avoidance { until, because: Cause::Short(missing) });
        }
    }
}

/// The market that a share of new instances comes from, where only one is open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Both,
    Spot,
    OnDemand,
}

/// Where both are avoided there is nothing better.
fn open(avoided: &Avoided) -> Open {
    match (avoided.on_demand, avoided.spot) {
        (None, Some(_)) => Open::OnDemand,
        (Some(_), None) => Open::Spot,
        (None, None) | (Some(_), Some(_)) => Open::Both,
    }
}

/// Of so many stopped instances those for the part of the demand that is On-Demand: no stopped one is
/// a Spot instance. At least one where any is wanted.
pub(crate) fn on_demand_part(snapshot: &Snapshot, policy: &Spot, stopped: u32) -> u32 {
    match (snapshot.fleet.spot, open(&snapshot.avoided)) {
        (None, _) | (Some(_), Open::OnDemand) => stopped,
        (Some(_), Open::Both | Open::Spot) => stopped - part(stopped, policy.share, f64::floor),
    }
}

/// How much of a desired capacity is Spot; none where there is no such group. What is there stays
/// where it is, less what is removed; where nothing may be lowered, so does what is ordered.
pub(crate) fn split(
    snapshot: &Snapshot,
    policy: &Spot,
    (desired, remove): (u32, &[Removal]),
    may_lower: bool,
    because: &mut Vec<Reason>,
) -> Option<u32> {
    let fleet = &snapshot.fleet;
    fleet.spot?;
    let mut held = fleet.there();
    if may_lower {
        let going = going(fleet, remove);
        held.spot = held.spot.saturating_sub(going.spot);
        held.on_demand = held.on_demand.saturating_sub(going.on_demand);
    } else {
        let ordered = fleet.ordered();
        held.spot = held.spot.max(ordered.spot);
        held.on_demand = held.on_demand.max(ordered.on_demand);
    }
    let new = desired.saturating_sub(held.total());
    let open = open(&snapshot.avoided);
    let spot = match open {
        Open::Both => part(desired, policy.share, f64::round).saturating_sub(held.spot).min(new),
        Open::Spot => new,
        Open::OnDemand => 0,
    };
    explain(snapshot, Capacity { on_demand: new - spot, spot }, open, because);
    Some(held.spot + spot)
}

/// What a plan removes, by market.
fn going(fleet: &Fleet, remove: &[Removal]) -> Capacity {
    let is_spot = |removal: &&Removal| {
        fleet.members.iter().any(|member| member.is_spot && member.id == removal.id)
    };
    let spot = u32::try_from(remove.iter().filter(is_spot).count()).unwrap_or(u32::MAX);
    let all = u32::try_from(remove.len()).unwrap_or(u32::MAX);
    Capacity { on_demand: all - spot, spot }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a number")]
fn part(of: u32, share: f64, whole: fn(f64) -> f64) -> u32 {
    whole(f64::from(of) * share.clamp(0.0, 1.0)) as u32
}

fn explain(snapshot: &Snapshot, new: Capacity, open: Open, because: &mut Vec<Reason>) {
    if new.total() == 0 {
        return;
    }
    let avoided = match open {
        Open::Both => None,
        Open::Spot => snapshot.avoided.on_demand.map(|avoided| (avoided, false)),
        Open::OnDemand => snapshot.avoided.spot.map(|avoided| (avoided, true)),
    };
    because.push(match avoided {
        None => Reason::LaunchesSplit { on_demand: new.on_demand, spot: new.spot },
        Some((Avoidance { until, because }, is_spot)) => {
            let for_secs = until.saturating_since(snapshot.now).as_secs();
            match because {
                Cause::Interrupted(instances) => {
                    Reason::SpotInterrupted { instances, launch: new.total(), for_secs }
                }
                Cause::Short(missing) if is_spot => {
                    Reason::SpotShort { missing, launch: new.total(), for_secs }
                }
                Cause::Short(missing) => {
                    Reason::OnDemandShort { missing, launch: new.total(), for_secs }
                }
            }
        }
    });
}
