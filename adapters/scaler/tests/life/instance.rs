//! An instance and the agent on it: adapters/aws/agent/headroom-runner, step by step.

use std::time::Duration;

use model::{InstanceId, Timestamp};
use scaler_lambda::Event;

use crate::group::At;
use crate::store::place;
use crate::world::{Fate, Happening, World};

/// `RUNNER_CONNECT_SECS_MAX`.
const CONNECTS_WITHIN: Duration = Duration::from_mins(2);

/// Between two looks of the agent.
const LOOKS: Duration = Duration::from_secs(5);

/// From a Spot notice to the end of the instance.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html>
const NOTICE: Duration = Duration::from_mins(2);

pub struct Machine {
    pub at: At,
    pub since: Timestamp,
    /// What names its wait at a hook.
    pub token: Option<u64>,
    pub is_on: bool,
    /// As the group sees it.
    pub is_healthy: bool,
    /// Boots are counted: what was to happen in an earlier one does not.
    pub boot: u32,
    pub agent: Agent,
}

/// How far its agent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agent {
    Boots,
    /// Does what the image's owner wants, then says so until then.
    Prepares(Timestamp),
    /// Waits for its configuration until then.
    WantsConfig(Timestamp),
    /// Starts the runner of that number.
    Connects(u64),
    Listens(u64),
    Done,
}

impl Machine {
    pub fn new(at: At, now: Timestamp) -> Self {
        let agent = Agent::Boots;
        Machine { at, since: now, token: None, is_on: false, is_healthy: true, boot: 0, agent }
    }

    /// The runner whose configuration it took.
    pub fn runner(&self) -> Option<u64> {
        match self.agent {
            Agent::Connects(runner) | Agent::Listens(runner) => Some(runner),
            _ => None,
        }
    }
}

impl World {
    pub fn machine(&mut self, id: &InstanceId) -> &mut Machine {
        self.group.machines.get_mut(id).unwrap()
    }

    pub fn starts(&mut self, id: &InstanceId, is_prepared: bool) {
        let machine = self.machine(id);
        (machine.is_on, machine.agent) = (true, Agent::Boots);
        machine.boot += 1;
        let boot = machine.boot;
        if self.chance.is(self.faults.machines / 2) {
            let wait = self.chance.secs(1, 600);
            self.after(wait, Happening::Off(id.clone(), boot));
        }
        if self.chance.is(self.faults.machines / 2) {
            self.note(|| format!("{id} hangs as it boots"));
            return;
        }
        let (low, high) = if is_prepared { (5, 20) } else { (15, 90) };
        let wait = self.chance.secs(low, high);
        self.after(wait, Happening::Agent(id.clone(), boot));
    }

    pub fn powers_off(&mut self, id: &InstanceId) {
        let boot = self.machine(id).boot;
        self.goes_off(id, boot);
    }

    /// A shutdown, whoever wants it. GitHub is not told.
    pub fn goes_off(&mut self, id: &InstanceId, boot: u32) {
        let Some(machine) = self.group.machines.get_mut(id) else { return };
        if machine.boot != boot || !machine.is_on {
            return;
        }
        machine.is_on = false;
        let runner = machine.runner();
        self.note(|| format!("{id} is off"));
        if let Some(runner) = runner {
            let wait = self.chance.secs(5, 60);
            self.after(wait, Happening::Silent(runner));
        }
        let wait = self.chance.secs(20, 90);
        self.after(wait, Happening::Checked(id.clone()));
    }

    /// Its machine may be off by then, or be taken back.
    pub fn is_in_service(&mut self, id: &InstanceId) {
        let wait = self.chance.secs(20, 90);
        self.after(wait, Happening::Checked(id.clone()));
        if !self.setting.has_warm_pool && self.chance.is(self.faults.spot) {
            let wait = self.chance.secs(0, 400);
            self.after(wait, Happening::Warned(id.clone()));
        }
    }

    pub fn is_warned(&mut self, id: &InstanceId) {
        let found = self.group.machines.get(id).filter(|machine| machine.is_on);
        let Some((boot, agent)) = found.map(|machine| (machine.boot, machine.agent)) else {
            return;
        };
        self.tally.interruptions += 1;
        self.note(|| format!("{id} gets a Spot notice"));
        self.emit(&Event::Spot { id: id.clone(), is_final: true });
        self.after(NOTICE, Happening::Off(id.clone(), boot));
        if let Agent::Listens(runner) = agent {
            // The runner ends its job as cancelled.
            if let Some(job) = self.github.job_of(runner) {
                self.after(LOOKS, Happening::JobOver(job));
            }
        }
    }

    fn soon(&mut self, id: &InstanceId, boot: u32, wait: Duration) {
        self.after(wait, Happening::Agent(id.clone(), boot));
    }

    fn switches_off(&mut self, id: &InstanceId) {
        let boot = self.machine(id).boot;
        self.machine(id).agent = Agent::Done;
        if self.chance.is(self.faults.machines / 4) {
            self.note(|| format!("{id} does not switch off"));
            return;
        }
        let wait = self.chance.secs(1, 10);
        self.after(wait, Happening::Off(id.clone(), boot));
    }

    pub fn agent(&mut self, id: &InstanceId, boot: u32) {
        let now = self.now;
        let Some(machine) = self.group.machines.get(id) else { return };
        if machine.boot != boot || !machine.is_on {
            return;
        }
        let agent = machine.agent;
        match agent {
            Agent::Boots => self.finds_out(id, boot),
            Agent::Prepares(until) => self.is_prepared(id, boot, until),
            Agent::WantsConfig(until) => match self.takes_config(id) {
                Some(runner) => self.will_connect(id, boot, runner),
                None if now < until => self.soon(id, boot, LOOKS),
                None => self.switches_off(id),
            },
            Agent::Connects(runner) if self.comes_online(runner) => {
                self.note(|| format!("{id} listens as runner {runner}"));
                self.machine(id).agent = Agent::Listens(runner);
                self.soon(id, boot, LOOKS);
                self.assign();
            }
            Agent::Listens(runner) if self.github.runners.contains_key(&runner) => {
                let wait = self.chance.secs(5, 50);
                self.soon(id, boot, wait);
            }
            // A runner without a registration ends, in the midst of its wait as well.
            Agent::Connects(_) | Agent::Listens(_) => self.switches_off(id),
            Agent::Done => {}
        }
    }

    /// In which state the group wants it, of metadata.
    fn finds_out(&mut self, id: &InstanceId, boot: u32) {
        let until = self.now.plus(self.setting.deadline());
        let at = self.machine(id).at;
        if at.is_counted() {
            self.machine(id).agent = Agent::WantsConfig(until);
            self.soon(id, boot, Duration::ZERO);
        } else if at.is_warmed() {
            self.machine(id).agent = Agent::Prepares(until);
            let wait = self.chance.secs(5, 60);
            self.soon(id, boot, wait);
        } else {
            self.switches_off(id);
        }
    }

    /// It deletes its parameter once that is there.
    fn is_prepared(&mut self, id: &InstanceId, boot: u32, until: Timestamp) {
        let works = self.fate(self.faults.aws) == Fate::Works;
        if works && self.read_by(id, "warming").is_some() {
            self.delete_parameter(&place(id, "warming"));
            self.machine(id).agent = Agent::Done;
        } else if self.now < until {
            self.soon(id, boot, LOOKS);
        }
    }

    fn takes_config(&mut self, id: &InstanceId) -> Option<u64> {
        if self.fate(self.faults.aws) != Fate::Works {
            return None;
        }
        let text = self.read_by(id, "config")?;
        if self.fate(self.faults.aws) == Fate::Works {
            self.delete_parameter(&place(id, "config"));
        }
        let runner = text.strip_prefix("jit-")?.parse().ok()?;
        self.tally.in_vain += u64::from(!self.github.runners.contains_key(&runner));
        Some(runner)
    }

    fn will_connect(&mut self, id: &InstanceId, boot: u32, runner: u64) {
        self.note(|| format!("{id} took the configuration of runner {runner}"));
        if self.chance.is(self.faults.machines / 2) {
            self.machine(id).agent = Agent::Done;
            return self.after(CONNECTS_WITHIN, Happening::Off(id.clone(), boot));
        }
        self.machine(id).agent = Agent::Connects(runner);
        let wait = self.chance.secs(2, 15);
        self.soon(id, boot, wait);
    }

    /// Its job is over, or it was told to stop.
    pub fn runner_ended(&mut self, id: &InstanceId) {
        if self.group.machines.get(id).is_some_and(|machine| machine.is_on) {
            self.switches_off(id);
        }
    }
}
