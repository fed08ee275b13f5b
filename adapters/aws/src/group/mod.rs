//! A pool's Auto Scaling group, behind the scaler's port.
//!
//! What is set is absolute, so setting it twice changes nothing. A throttled call is tried again,
//! with pauses at random, for as long as the [`Patience`](crate::Patience) of the connection lasts;
//! then it is a [`Trouble`], and the scaler holds.
//!
//! The group's minimum has to be zero: AWS refuses to end an instance and lower the capacity with it
//! where that would go below the minimum, and it is the scaler that keeps `runners_min`. Its
//! instances have to be protected from scale-in, so that the group never chooses which one ends.

mod calls;
mod facts;
mod hooks;
mod memory;
mod mixed;
mod name;

use std::collections::BTreeMap;

use model::{InstanceId, Timestamp};
use scaler::ports::{Group, Open, Trouble};
use scaler::{Capacity, Fleet, Member, Removal, Warm};

use crate::{Aws, CallError};
pub use calls::{Counted, Described, GroupCalls, Launch};
pub use facts::{GroupFacts, Groups, HookFacts, POOL_TAG};
pub use hooks::{Hooks, Verdict, Waiting};
use memory::Memory;
pub use mixed::{Interruptions, Mixed};

/// What troubles say was asked.
const SETTING: &str = "setting the desired capacity";

/// Knows when instances were started, which Auto Scaling does not tell.
pub trait Launches: Send {
    /// When each was started last, of those that are known.
    ///
    /// # Errors
    /// When the call fails.
    fn launched(&self, ids: &[InstanceId]) -> Result<BTreeMap<InstanceId, Timestamp>, CallError>;
}

/// Takes runners out of GitHub's hands.
pub trait Runners: Send {
    /// Deregisters the runner on that instance, so that it gets no job any more.
    ///
    /// # Errors
    /// When nobody can say.
    fn deregister(&self, id: &InstanceId, now: Timestamp) -> Result<Freed, Trouble>;

    /// When GitHub was asked last which runners are connected, if that of this instance was not.
    /// `None`: it was, or nobody asked.
    fn absent_at(&self, id: &InstanceId) -> Option<Timestamp>;
}

/// What became of a wish that an instance gets no job any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freed {
    /// It gets none.
    Yes,
    /// It has one.
    Busy,
    /// GitHub knows no runner that bears its name. Another may run on it.
    Nameless,
}

/// An Auto Scaling group of a region.
pub struct AutoScaling {
    calls: Box<dyn GroupCalls>,
    name: String,
    launches: Option<Box<dyn Launches>>,
    runners: Option<Box<dyn Runners>>,
    memory: Memory,
    seen: Option<Seen>,
}

/// A group as one look saw it.
struct Look {
    desired: u32,
    members: Vec<Member>,
    warm: Warm,
    registering: u32,
}

/// What the group allows as its desired capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// At least.
    pub min: u32,
    /// At most.
    pub max: u32,
}

/// What matters of the group when its capacity is set, as it was described last.
#[derive(Clone, Copy, Debug)]
struct Seen {
    bounds: Bounds,
    desired: u32,
    instances: usize,
    launching: usize,
    unprotected: usize,
}

impl Seen {
    fn of(described: &calls::Described) -> Self {
        Seen {
            bounds: described.bounds,
            desired: described.desired,
            instances: described.instances.len(),
            launching: described.instances.iter().filter(|one| !one.is_in_service()).count(),
            unprotected: described.unprotected(),
        }
    }

    /// Whether AWS would end an instance of its own choice, a busy one among them.
    fn lets_aws_choose(&self, desired: u32) -> bool {
        self.unprotected > 0 && self.instances > desired as usize
    }

    /// Whether an order is taken back while instances are launched that may have a job already. Should
    /// AWS carry it out meanwhile, one of them would be too many, and AWS would choose.
    fn is_too_early(&self, desired: u32) -> bool {
        self.launching > 0 && desired < self.desired
    }
}

impl std::fmt::Debug for AutoScaling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AutoScaling").field("name", &self.name).finish_non_exhaustive()
    }
}

impl AutoScaling {
    /// The group of that name; whether there is one, the first call tells.
    pub fn named(aws: &Aws, name: &str) -> Self {
        AutoScaling::behind(Box::new(calls::Sdk::of(aws, name)), name)
    }

    /// The group of that name behind these calls.
    pub fn behind(calls: Box<dyn GroupCalls>, name: &str) -> Self {
        AutoScaling {
            calls,
            name: name.to_owned(),
            launches: None,
            runners: None,
            memory: Memory::default(),
            seen: None,
        }
    }

    /// With starts of instances as told there. Without, an instance is as old as the first sight
    /// of it.
    pub fn with_launches(self, launches: Box<dyn Launches>) -> Self {
        AutoScaling { launches: Some(launches), ..self }
    }

    /// With runners that are deregistered there. Without, an instance whose runner may get a job
    /// at any moment is never ended.
    pub fn with_runners(self, runners: Box<dyn Runners>) -> Self {
        AutoScaling { runners: Some(runners), ..self }
    }

    /// A start that nobody tells is no reason not to decide.
    fn learn_launches(&mut self, ids: &[InstanceId]) {
        let Some(launches) = &self.launches else { return };
        let unknown = self.memory.without_launch(ids);
        if unknown.is_empty() {
            return;
        }
        match launches.launched(&unknown) {
            Ok(told) => self.memory.launched(told),
            Err(error) => {
                tracing::warn!(group = self.name, %error, "starts of instances are not known");
            }
        }
    }

    fn seen(&mut self) -> Result<Seen, Trouble> {
        match self.seen {
            Some(seen) => Ok(seen),
            None => self.read().map(|described| Seen::of(&described)),
        }
    }

    /// The desired capacity, as it was read last.
    fn desired_seen(&self) -> Option<u32> {
        self.seen.map(|seen| seen.desired)
    }

    fn read(&mut self) -> Result<calls::Described, Trouble> {
        let described = self.calls.describe_group()?;
        self.seen = Some(Seen::of(&described));
        Ok(described)
    }

    fn set_unless_so(&mut self, desired: u32) -> Result<(), Trouble> {
        if self.desired_seen() == Some(desired) { Ok(()) } else { self.set(desired) }
    }

    /// What is there, each instance by what is known of itself alone.
    fn look(&mut self, open: &Open, now: Timestamp) -> Result<Look, Trouble> {
        let described = self.read()?;
        let warm = match described.has_warm_pool {
            true => self.calls.describe_warm_pool(&described)?,
            false => Warm::default(),
        };
        let ids: Vec<InstanceId> = described.instances.iter().map(|one| one.id.clone()).collect();
        self.learn_launches(&ids);
        let runners = self.runners.as_ref();
        let absent_at = |id: &InstanceId| runners.and_then(|runners| runners.absent_at(id));
        let members = self.memory.members(&described.instances, open, &absent_at, now);
        let registering =
            described.instances.iter().filter(|one| one.launch == Launch::AtHook).count();
        let registering = u32::try_from(registering).unwrap_or(u32::MAX);
        Ok(Look { desired: described.desired, members, warm, registering })
    }

    /// Within the group's bounds, beyond which AWS would refuse it all, and never so low that AWS
    /// chooses which instance ends.
    fn set(&mut self, desired: u32) -> Result<(), Trouble> {
        let seen = self.seen()?;
        let Bounds { min, max } = seen.bounds;
        let allowed = desired.min(max).max(min);
        if seen.lets_aws_choose(allowed) {
            let because = format!(
                "{allowed} of {} instances would let AWS choose which end, since {} of {} are still \
                 launched or not protected from scale-in; expected NewInstancesProtectedFromScaleIn",
                seen.instances, seen.unprotected, self.name
            );
            return Err(Trouble::new(SETTING, because));
        }
        if seen.is_too_early(allowed) {
            tracing::debug!(group = self.name, allowed, "lowered once all are in service");
            return Ok(());
        }
        self.calls.put_desired(allowed)?;
        self.seen = Some(Seen { desired: allowed, ..seen });
        if allowed == desired {
            return Ok(());
        }
        let because = format!(
            "{desired} was wanted, and {} allows {min} to {max}: {allowed} was set",
            self.name
        );
        Err(Trouble::new(SETTING, because))
    }

    /// Whether the instance may be ended: its runner gets no job any more.
    fn is_free(&self, removal: &Removal, now: Timestamp) -> Result<bool, Trouble> {
        match &self.runners {
            _ if !removal.deregister => Ok(true),
            Some(runners) => match runners.deregister(&removal.id, now)? {
                Freed::Busy => Ok(false),
                Freed::Nameless if self.memory.may_be_another(&removal.id) => {
                    let because = format!(
                        "GitHub knows no runner named {}, and jobs run on runners of other names: \
                         it may have one of them; runners have to bear the ids of their instances \
                         as names",
                        removal.id
                    );
                    Err(Trouble::new("deregistering a runner", because))
                }
                Freed::Yes | Freed::Nameless => Ok(true),
            },
            // As the group itself does where nobody suspended its replacing.
            None if self.memory.is_gone(&removal.id) => Ok(true),
            None => {
                let because = format!("{}: nothing here can deregister runners", removal.id);
                Err(Trouble::new("deregistering a runner", because))
            }
        }
    }
}

impl Group for AutoScaling {
    /// Each is looked for among the members.
    fn names_max(&self) -> u32 {
        u32::MAX
    }

    fn describe(&mut self, open: &Open, now: Timestamp) -> Result<Fleet, Trouble> {
        let Look { desired, mut members, warm, registering } = self.look(open, now)?;
        memory::stand_in(&mut members, open);
        let crowds = Vec::new();
        Ok(Fleet { as_of: now, desired, members, crowds, warm, spot: None, registering })
    }

    fn desired(&mut self, _now: Timestamp) -> Result<Capacity, Trouble> {
        Ok(Capacity::of(self.read()?.desired))
    }

    fn set_desired(&mut self, desired: Capacity, _now: Timestamp) -> Result<(), Trouble> {
        self.set(desired.total())
    }

    fn set_warm(&mut self, size: u32, _now: Timestamp) -> Result<(), Trouble> {
        self.calls.put_warm(size)
    }

    fn remove(&mut self, removal: &Removal, now: Timestamp) -> Result<bool, Trouble> {
        if !self.is_free(removal, now)? {
            return Ok(false);
        }
        self.calls.terminate(&removal.id)?;
        Ok(true)
    }

    /// Whoever hears the warnings counts them.
    fn interrupted(&mut self) -> Vec<InstanceId> {
        Vec::new()
    }

    fn is_real(&self) -> bool {
        true
    }
}
