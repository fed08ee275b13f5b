//! An Auto Scaling group, as its documentation describes it:
//! states and hooks <https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html>,
//! the warm pool <https://docs.aws.amazon.com/autoscaling/ec2/userguide/warm-pool-instance-lifecycle.html>,
//! health <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html>.
//! `ReplaceUnhealthy` is suspended, so what is off stays until it is taken out by name.

use std::collections::BTreeMap;
use std::time::Duration;

use aws::{Bounds, Counted, Described, Launch, Waiting};
use model::InstanceId;
use scaler::ports::Trouble;
use scaler_lambda::{Event, Hook, Moment};

use crate::instance::Machine;
use crate::setting::GROUP;
use crate::store::arn;
use crate::world::{Happening, World};

const LAUNCHING: &str = "headroom-launching";
const TERMINATING: &str = "headroom-terminating";

/// The heartbeat of the hook at which an instance ends, as in the template.
const END_WAITS: Duration = Duration::from_mins(1);

/// Where an instance is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    Pending,
    PendingWait,
    PendingProceed,
    InService,
    WarmedPending,
    WarmedPendingWait,
    WarmedPendingProceed,
    WarmedStopped,
    TerminatingWait,
    TerminatingProceed,
}

impl At {
    /// Whether the group counts it towards its desired capacity.
    pub fn is_counted(self) -> bool {
        matches!(self, At::Pending | At::PendingWait | At::PendingProceed | At::InService)
    }

    pub fn is_warmed(self) -> bool {
        use At::{WarmedPending, WarmedPendingProceed, WarmedPendingWait, WarmedStopped};
        matches!(self, WarmedPending | WarmedPendingWait | WarmedPendingProceed | WarmedStopped)
    }
}

pub struct Group {
    pub desired: u32,
    pub warm_size: u32,
    pub machines: BTreeMap<InstanceId, Machine>,
    bounds: Bounds,
    launched: u64,
    tokens: u64,
}

impl Group {
    /// It allows more than the policy, so that it is the scaler that keeps the maximum.
    pub fn new(max: usize) -> Self {
        let bounds = Bounds { min: 0, max: u32::try_from(max).unwrap() + 3 };
        let machines = BTreeMap::new();
        Group { desired: 0, warm_size: 0, machines, bounds, launched: 0, tokens: 0 }
    }

    pub fn ids(&self, is_one: impl Fn(At) -> bool) -> Vec<InstanceId> {
        let all = self.machines.iter().filter(|(_, machine)| is_one(machine.at));
        all.map(|(id, _)| id.clone()).collect()
    }

    pub fn counted(&self) -> usize {
        self.machines.values().filter(|machine| machine.at.is_counted()).count()
    }
}

impl World {
    pub fn reconcile_soon(&mut self) {
        let wait = self.chance.secs(1, 5);
        self.after(wait, Happening::Reconciled);
    }

    /// Launches what is missing. Instances in service are protected from scale-in; one that is still
    /// launched is not.
    pub fn reconcile(&mut self) {
        let desired = self.group.desired as usize;
        for _ in self.group.counted()..desired {
            match self.group.ids(|at| at == At::WarmedStopped).first().cloned() {
                Some(id) => self.leaves_the_warm_pool(&id),
                None => self.launch(At::Pending),
            }
        }
        let surplus = self.group.counted().saturating_sub(desired);
        let pending = self.group.ids(|at| at.is_counted() && at != At::InService);
        pending.iter().take(surplus).for_each(|id| self.ends(id));
        let warmed = self.group.ids(At::is_warmed);
        (warmed.len()..self.group.warm_size as usize).for_each(|_| self.launch(At::WarmedPending));
        let surplus = warmed.len().saturating_sub(self.group.warm_size as usize);
        warmed.iter().take(surplus).for_each(|id| self.ends(id));
        let (members, max) = (self.group.counted(), self.setting.max());
        self.claim(members <= max, || format!("{members} members, at most {max} were asked for"));
    }

    fn launch(&mut self, at: At) {
        self.group.launched += 1;
        self.tally.instances += 1;
        let id = InstanceId(format!("i-{:017x}", self.group.launched));
        self.note(|| format!("{id} is launched, {at:?}"));
        self.group.machines.insert(id.clone(), Machine::new(at, self.now));
        self.starts(&id, false);
        let wait = self.chance.secs(1, 4);
        self.after(wait, Happening::Through(id));
    }

    fn leaves_the_warm_pool(&mut self, id: &InstanceId) {
        self.note(|| format!("{id} leaves the warm pool"));
        let now = self.now;
        let machine = self.machine(id);
        (machine.at, machine.since) = (At::Pending, now);
        self.starts(id, true);
        let wait = self.chance.secs(1, 4);
        self.after(wait, Happening::Through(id.clone()));
        self.reconcile_soon();
    }

    /// It waits at its hook, which tells whoever listens.
    fn waits(&mut self, id: &InstanceId, at: At, patience: Duration) {
        self.group.tokens += 1;
        let token = self.group.tokens;
        let machine = self.machine(id);
        (machine.at, machine.token) = (at, Some(token));
        let is_end = at == At::TerminatingWait;
        self.after(patience, Happening::HookOver(id.clone(), token));
        self.emit(&Event::Hook(Hook {
            id: id.clone(),
            group: GROUP.into(),
            name: if is_end { TERMINATING } else { LAUNCHING }.into(),
            token: token.to_string(),
            moment: if is_end { Moment::End } else { Moment::Launch },
            is_for_warm_pool: at == At::WarmedPendingWait,
            arn: arn(id),
        }));
    }

    /// The wait is over: the default result is `CONTINUE`, as every answer of ours.
    fn proceeds(&mut self, id: &InstanceId) {
        let machine = self.machine(id);
        machine.token = None;
        machine.at = match machine.at {
            At::PendingWait => At::PendingProceed,
            At::WarmedPendingWait => At::WarmedPendingProceed,
            At::TerminatingWait => At::TerminatingProceed,
            other => other,
        };
        let wait = self.chance.secs(1, 5);
        self.after(wait, Happening::Through(id.clone()));
    }

    pub fn hook_is_over(&mut self, id: &InstanceId, token: u64) {
        if self.group.machines.get(id).is_some_and(|machine| machine.token == Some(token)) {
            self.note(|| format!("{id}: the hook's time is over"));
            self.proceeds(id);
        }
    }

    /// A step of AWS's own is done.
    pub fn through(&mut self, id: &InstanceId) {
        let Some(machine) = self.group.machines.get(id) else { return };
        let deadline = self.setting.deadline();
        match machine.at {
            At::Pending => self.waits(id, At::PendingWait, deadline),
            At::WarmedPending => self.waits(id, At::WarmedPendingWait, deadline),
            At::PendingProceed => {
                self.machine(id).at = At::InService;
                self.note(|| format!("{id} is in service"));
                self.is_in_service(id);
            }
            At::WarmedPendingProceed => {
                self.machine(id).at = At::WarmedStopped;
                self.note(|| format!("{id} is stopped"));
                self.powers_off(id);
                self.reconcile_soon();
            }
            At::TerminatingProceed => {
                self.powers_off(id);
                self.group.machines.remove(id);
                self.note(|| format!("{id} is gone"));
            }
            At::PendingWait
            | At::InService
            | At::WarmedPendingWait
            | At::WarmedStopped
            | At::TerminatingWait => {}
        }
    }

    pub fn check_health(&mut self, id: &InstanceId) {
        if let Some(machine) = self.group.machines.get_mut(id)
            && machine.at == At::InService
            && !machine.is_on
        {
            machine.is_healthy = false;
        }
    }

    /// Somebody chose it to end.
    fn ends(&mut self, id: &InstanceId) {
        let job = self.job_on(id);
        self.claim(job.is_none(), || format!("{id} is ended while it has job {job:?}"));
        self.note(|| format!("{id} is to end"));
        self.waits(id, At::TerminatingWait, END_WAITS);
        self.reconcile_soon();
    }

    /// Takes an instance and its place. AWS refuses what would go below the minimum, and what is not
    /// its own is not found.
    pub fn terminate(&mut self, id: &InstanceId) -> Result<(), Trouble> {
        let trouble = |said: &str| Trouble::new("ending an instance", format!("{id}: {said}"));
        let Some(machine) = self.group.machines.get(id) else { return Ok(()) };
        if !machine.at.is_counted() {
            return Err(trouble("it is not in service"));
        }
        if self.group.desired <= self.group.bounds.min {
            return Err(trouble("the group's min size constraint"));
        }
        self.tally.removals += 1;
        self.group.desired -= 1;
        self.ends(id);
        Ok(())
    }

    pub fn describe(&self) -> Described {
        let instances = self.group.machines.iter().filter(|(_, machine)| machine.at.is_counted());
        let counted = |(id, machine): (&InstanceId, &Machine)| Counted {
            id: id.clone(),
            launch: match machine.at {
                At::InService => Launch::Over,
                At::PendingWait => Launch::AtHook,
                _ => Launch::UnderWay,
            },
            is_healthy: machine.is_healthy,
            is_protected: machine.at == At::InService,
        };
        Described {
            desired: self.group.desired,
            bounds: self.group.bounds,
            instances: instances.map(counted).collect(),
            has_warm_pool: self.setting.has_warm_pool,
        }
    }

    pub fn set_desired(&mut self, desired: u32) {
        let max = self.setting.max();
        self.note(|| format!("desired {desired}"));
        self.claim(desired as usize <= max, || format!("desired {desired}, at most {max}"));
        self.group.desired = desired;
        self.reconcile_soon();
    }

    pub fn answer(&mut self, waiting: Waiting<'_>) -> bool {
        let Some(machine) = self.group.machines.get(waiting.id) else { return false };
        let hook = if machine.at == At::TerminatingWait { TERMINATING } else { LAUNCHING };
        let is_this = |token: u64| waiting.token.is_none_or(|named| named == token.to_string());
        let waits = machine.token.is_some_and(is_this) && hook == waiting.hook;
        if waits {
            self.proceeds(waiting.id);
        }
        waits
    }
}
