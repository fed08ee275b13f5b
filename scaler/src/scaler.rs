//! One pool's scaler: asks the world, decides, and sets what it decided.
//!
//! It keeps what outlives a decision: the model of the demand, the exhaustion alarm, and the last
//! facts, so that a world that does not answer is met with older facts until they are too old.

use model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::decision::{Decision, Gist};
use crate::forecast::Model;
use crate::ports::{Group, Jobs, Open, Trouble};
use crate::{
    Backlog, Between, Boots, Capacity, Fleet, Markets, Occasion, Outlook, Plan, Policy, Removal,
    Snapshot, Source, Warm, exhaustion, plan,
};

/// The scaler of one pool.
#[derive(Debug)]
pub struct Scaler {
    pool: String,
    policy: Policy,
    /// None until history was read.
    model: Option<Model>,
    exhausted_since: Option<Timestamp>,
    /// Since when the alarm about it fires.
    alarmed_since: Option<Timestamp>,
    markets: Markets,
    open: Open,
    fleet: Fleet,
    /// What the last decision took out.
    removed: Vec<Removal>,
    told: Option<Gist>,
}

/// What outlives a decision, to be written down and read back where nothing else keeps it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    /// The model of the demand; none: it is made of the history.
    pub model: Option<Model>,
    /// Since when the pool is exhausted, if it is.
    pub exhausted_since: Option<Timestamp>,
    /// How the two markets behaved.
    #[serde(default)]
    pub markets: Markets,
    /// The last decision that was news.
    pub told: Option<Gist>,
}

impl Scaler {
    /// A scaler that goes on from what one knew.
    pub fn recalling(pool: &str, policy: Policy, memory: Memory) -> Self {
        let Memory { model, exhausted_since, markets, told } = memory;
        let model = model.and_then(|model| model.recalled(&policy));
        Scaler { model, exhausted_since, markets, ..Scaler::new(pool, policy, told) }
    }

    /// What it knows, to be recalled.
    pub fn memory(&self) -> Memory {
        Memory {
            model: self.model.clone(),
            exhausted_since: self.exhausted_since,
            markets: self.markets,
            told: self.told.clone(),
        }
    }

    /// A scaler that knows nothing yet. `told` is the last decision that was kept.
    pub fn new(pool: &str, policy: Policy, told: Option<Gist>) -> Self {
        Scaler {
            pool: pool.to_owned(),
            model: None,
            policy,
            exhausted_since: None,
            alarmed_since: None,
            markets: Markets::default(),
            open: nothing_known(),
            fleet: no_fleet(),
            removed: Vec::new(),
            told,
        }
    }

    /// Takes note of the pool-exhaustion alarm: since when it fires, if it does.
    pub fn alarmed(&mut self, since: Option<Timestamp>) {
        self.alarmed_since = since;
    }

    /// Decides once and sets what was decided. Never fails: a world that does not answer is part
    /// of the decision.
    pub fn tick(
        &mut self,
        jobs: &mut dyn Jobs,
        group: &mut dyn Group,
        occasion: Occasion,
        now: Timestamp,
    ) -> Decision {
        let mut troubles = Vec::new();
        self.learn(jobs, now, &mut troubles);
        let boots = self.look(jobs, group, now, &mut troubles);
        // Members that could not be described now may be others by now: nothing is taken from them.
        let occasion = if self.fleet.as_of < now { Occasion::Event } else { occasion };
        let mut snapshot = self.snapshot(occasion, now);
        self.exhausted_since = exhaustion::since(&snapshot, &self.policy, self.alarmed_since);
        snapshot.exhausted_since = self.exhausted_since;
        let plan = plan(&snapshot, &self.policy);
        let undone = troubles.len();
        if snapshot_is_usable(&plan) {
            let ceiling = self.policy.ceiling(snapshot.exhausted_since.is_some());
            set(&snapshot, &plan, ceiling, group, &mut troubles);
            self.removed.clone_from(&plan.remove);
        }
        let is_done = group.is_real() && troubles.len() == undone;
        let is_news = self.told.as_ref().is_none_or(|told| told.is_outdone_by(&snapshot, &plan));
        if is_news {
            self.told = Some(Gist::of(&plan, is_done));
        }
        Decision { snapshot, plan, is_real: group.is_real(), troubles, boots, is_news }
    }

    fn learn(&mut self, jobs: &mut dyn Jobs, now: Timestamp, troubles: &mut Vec<Trouble>) {
        let learned = match &mut self.model {
            Some(model) => {
                jobs.arrived().map(|arrivals| arrivals.into_iter().for_each(|at| model.arrived(at)))
            }
            None => {
                let mut model = Model::to_be_rebuilt(&self.policy, now);
                jobs.history(&mut |at| model.arrived(at)).map(|()| self.model = Some(model))
            }
        };
        troubles.extend(learned.err());
    }

    /// Takes what the world says, and keeps what it said last where it says nothing. Comes back with
    /// what became of instances meanwhile.
    fn look(
        &mut self,
        jobs: &mut dyn Jobs,
        group: &mut dyn Group,
        now: Timestamp,
        troubles: &mut Vec<Trouble>,
    ) -> Boots {
        match jobs.open(group.names_max(), now) {
            Ok(open) => self.open = open,
            Err(trouble) => troubles.push(trouble),
        }
        match group.describe(&self.open, now) {
            Ok(fleet) => {
                let between = Between {
                    removed: &std::mem::take(&mut self.removed),
                    interrupted: &group.interrupted(),
                    deadline: self.policy.times.registration_deadline,
                };
                let boots = Boots::between(&self.fleet, &fleet, between);
                self.fleet = fleet;
                boots
            }
            Err(trouble) => {
                troubles.push(trouble);
                Boots::default()
            }
        }
    }

    fn snapshot(&mut self, occasion: Occasion, now: Timestamp) -> Snapshot {
        let spot = self.policy.spot.unwrap_or_default();
        Snapshot {
            pool: self.pool.clone(),
            now,
            occasion,
            backlog: self.open.backlog.clone(),
            fleet: self.fleet.clone(),
            outlook: self.model.as_mut().map_or_else(Outlook::default, |m| m.outlook(now)),
            exhausted_since: self.exhausted_since,
            avoided: self.markets.seen(&self.fleet, &spot, now),
        }
    }
}

/// A plan that holds because the data is too old sets nothing, not even the same again.
fn snapshot_is_usable(plan: &Plan) -> bool {
    use crate::Reason::{FleetTooOld, JobsTooOld};
    !plan.because.iter().any(|reason| matches!(reason, JobsTooOld { .. } | FleetTooOld { .. }))
}

/// Removals first, each by name and lowering the capacity; then the stopped pool; then the
/// capacity, read anew, since another tick may have raised it meanwhile.
fn set(
    snapshot: &Snapshot,
    plan: &Plan,
    ceiling: u32,
    group: &mut dyn Group,
    troubles: &mut Vec<Trouble>,
) {
    let now = snapshot.now;
    let (mut wanted, mut held) = (plan.capacity(), snapshot.fleet.there());
    for removal in &plan.remove {
        let is_gone = group.remove(removal, now).unwrap_or_else(|trouble| {
            troubles.push(trouble);
            false
        });
        let mut members = snapshot.fleet.members.iter();
        let is_spot = members.any(|member| member.is_spot && member.id == removal.id);
        match (is_gone, is_spot) {
            (true, true) => held.spot -= 1,
            (true, false) => held.on_demand -= 1,
            (false, true) => wanted.spot += 1,
            (false, false) => wanted.on_demand += 1,
        }
    }
    let warm = plan.warm.filter(|warm| *warm != snapshot.fleet.warm.size);
    if let Some(Err(trouble)) = warm.map(|size| group.set_warm(size, now)) {
        troubles.push(trouble);
    }
    // One that stays has a place, which the plan may have given to one that is to be launched.
    let wanted = wanted.within(ceiling.max(held.total()), held);
    if let Err(trouble) = set_desired(snapshot, wanted, group) {
        troubles.push(trouble);
    }
}

fn set_desired(
    snapshot: &Snapshot,
    wanted: Capacity,
    group: &mut dyn Group,
) -> Result<(), Trouble> {
    let now = snapshot.now;
    let present = group.desired(now)?;
    let seen = snapshot.fleet.ordered();
    let is_scheduled = snapshot.occasion == Occasion::Schedule;
    // An event removes nothing: what it leaves as it saw it, somebody else lowered meanwhile.
    if !is_scheduled && wanted.total() <= seen.total() {
        return Ok(());
    }
    let is_as_seen = present.spot <= seen.spot && present.on_demand <= seen.on_demand;
    let set = match is_scheduled && is_as_seen {
        true => wanted,
        false => raised(present, wanted),
    };
    if set == present { Ok(()) } else { group.set_desired(set, now) }
}

/// No less of either than at present, and no more of both than is wanted.
fn raised(present: Capacity, wanted: Capacity) -> Capacity {
    let more = wanted.total().saturating_sub(present.total());
    let spot = wanted.spot.saturating_sub(present.spot).min(more);
    Capacity { on_demand: present.on_demand + (more - spot), spot: present.spot + spot }
}

/// Of no instant: too old for any decision.
fn nothing_known() -> Open {
    let backlog = Backlog {
        as_of: Timestamp::EPOCH,
        source: Source::Jobs,
        queued: 0,
        oldest_queued_at: None,
        ghosts: 0,
        running: 0,
    };
    Open { backlog, busy: Vec::new() }
}

fn no_fleet() -> Fleet {
    Fleet {
        as_of: Timestamp::EPOCH,
        desired: 0,
        members: Vec::new(),
        crowds: Vec::new(),
        warm: Warm::default(),
        spot: None,
        registering: 0,
    }
}

#[cfg(test)]
#[path = "scaler_tests.rs"]
mod tests;
