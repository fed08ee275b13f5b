//! The world: what AWS and GitHub hold, and what happens in it next.

use std::collections::BTreeMap;
use std::time::Duration;

use model::{InstanceId, Timestamp};
use scaler_lambda::{Checkpoint, Event};

use crate::chance::Chance;
use crate::github::GitHub;
use crate::group::Group;
use crate::setting::{Faults, Setting};
use crate::store::Store;

/// What happens at an instant.
pub enum Happening {
    /// The scheduled loop looks, in this of its sandboxes.
    Look(u64),
    /// A function is invoked by an event, for the first time or again.
    Invoked(Event, u32),
    /// The call before which a sandbox waits is made.
    Resumed(u64, u64),
    /// Lambda ends a sandbox whose invocation takes too long.
    Killed(u64, u64),
    /// The group launches or ends what its desired capacity asks for.
    Reconciled,
    /// A wait at a hook is over, by its timeout.
    HookOver(InstanceId, u64),
    /// A launch or an end is through.
    Through(InstanceId),
    /// The group sees that a machine is off.
    Checked(InstanceId),
    /// The agent does its next step, of that boot.
    Agent(InstanceId, u32),
    /// A machine goes off, of that boot.
    Off(InstanceId, u32),
    /// AWS wants a Spot instance back.
    Warned(InstanceId),
    /// A job is queued, or given up by whoever asked for it, or over.
    Queued,
    Cancelled(u64),
    JobOver(u64),
    /// GitHub learns that a runner is not connected, and that it does not come back.
    Silent(u64),
    Noticed(u64),
    /// GitHub fails altogether, or works again.
    Outage,
    /// The webhook's function writes a line.
    Written(String),
    /// Faults are over.
    Calm,
}

pub struct World {
    pub now: Timestamp,
    pub chance: Chance,
    pub setting: Setting,
    /// What goes wrong now.
    pub faults: Faults,
    agenda: BTreeMap<(Timestamp, u64), Happening>,
    order: u64,
    pub github: GitHub,
    pub store: Store,
    pub group: Group,
    /// The webhook's log group.
    pub log: Vec<(Timestamp, String)>,
    pub checkpoint: Option<Checkpoint>,
    /// A claim that does not hold.
    pub broken: Option<String>,
    /// What has no instance since faults are over, and since when.
    pub left: BTreeMap<String, Timestamp>,
    pub trace: Option<Vec<String>>,
    pub tally: Tally,
}

/// What went on, so that a property over nothing is noticed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub jobs: u64,
    pub instances: u64,
    pub crashes: u64,
    pub events_lost: u64,
    pub calls_failed: u64,
    pub interruptions: u64,
    pub removals: u64,
    /// Configurations that were taken of runners that were there no more.
    pub in_vain: u64,
}

/// What comes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Works,
    /// Nothing is done.
    Refused,
    /// It is done, and nobody hears of it.
    Unheard,
}

pub const START: Timestamp = Timestamp::from_secs(1_800_000_000);

impl World {
    pub fn new(seed: u64, is_traced: bool) -> Self {
        let mut chance = Chance::of(seed);
        let setting = Setting::of(&mut chance);
        let mut world = World {
            now: START,
            chance,
            faults: setting.faults,
            agenda: BTreeMap::new(),
            order: 0,
            github: GitHub::default(),
            store: Store::default(),
            group: Group::new(setting.max()),
            log: Vec::new(),
            checkpoint: None,
            broken: None,
            left: BTreeMap::new(),
            trace: is_traced.then(Vec::new),
            tally: Tally::default(),
            setting,
        };
        for _ in 0..world.setting.jobs {
            let lasts = world.setting.lasts.as_secs();
            let after = world.chance.secs(0, lasts);
            // Some come together.
            let together = if world.chance.is(300) { world.chance.from(1, 3) } else { 1 };
            (0..together).for_each(|_| world.after(after, Happening::Queued));
        }
        world.after(world.setting.lasts, Happening::Calm);
        if world.chance.is(200) {
            let lasts = world.setting.lasts.as_secs();
            let wait = world.chance.secs(0, lasts);
            world.after(wait, Happening::Outage);
        }
        world.after(Duration::ZERO, Happening::Look(0));
        world
    }

    /// It happens after so long.
    pub fn after(&mut self, wait: Duration, what: Happening) {
        self.order += 1;
        self.agenda.insert((self.now.plus(wait), self.order), what);
    }

    pub fn next(&mut self) -> Option<Happening> {
        let ((at, _), what) = self.agenda.pop_first()?;
        self.now = at;
        Some(what)
    }

    pub fn is_calm(&self) -> bool {
        self.now >= START.plus(self.setting.lasts)
    }

    /// What AWS and GitHub do by themselves.
    pub fn happens(&mut self, what: Happening) {
        match what {
            Happening::Reconciled => self.reconcile(),
            Happening::HookOver(id, token) => self.hook_is_over(&id, token),
            Happening::Through(id) => self.through(&id),
            Happening::Checked(id) => self.check_health(&id),
            Happening::Agent(id, boot) => self.agent(&id, boot),
            Happening::Off(id, boot) => self.goes_off(&id, boot),
            Happening::Warned(id) => self.is_warned(&id),
            Happening::Queued => self.job_is_queued(),
            Happening::Cancelled(job) => self.job_is_cancelled(job),
            Happening::JobOver(job) => self.job_is_over(job),
            Happening::Silent(runner) => self.goes_silent(runner),
            Happening::Outage => self.outage(),
            Happening::Noticed(runner) => self.runner_is_lost(runner),
            Happening::Written(line) => self.written(line),
            Happening::Calm => self.faults = Faults::default(),
            Happening::Look(_)
            | Happening::Invoked(..)
            | Happening::Resumed(..)
            | Happening::Killed(..) => unreachable!("Lambda does that"),
        }
    }

    /// What comes of a call of which so many in a thousand fail.
    pub fn fate(&mut self, permille: u64) -> Fate {
        if !self.chance.is(permille) {
            return Fate::Works;
        }
        self.tally.calls_failed += 1;
        match self.chance.is(700) {
            true => Fate::Refused,
            false => Fate::Unheard,
        }
    }

    /// `EventBridge` delivers an event at least once, tries again for up to 24 hours, and then gives up;
    /// the order of events is not kept.
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html>
    pub fn emit(&mut self, event: &Event) {
        if self.chance.is(self.faults.lost) {
            self.tally.events_lost += 1;
            return;
        }
        let copies = if self.chance.is(self.faults.repeated) { 2 } else { 1 };
        for _ in 0..copies {
            let wait = match self.chance.is(self.faults.repeated / 2) {
                true => self.chance.secs(1, 400),
                false => self.chance.millis(300, 2500),
            };
            self.after(wait, Happening::Invoked(event.clone(), 0));
        }
    }

    /// Notes that something was so that may never be.
    pub fn claim(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds && self.broken.is_none() {
            self.broken = Some(what());
        }
    }

    pub fn note(&mut self, what: impl FnOnce() -> String) {
        let secs = self.now.saturating_since(START).as_secs_f64();
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{secs:9.1} {}", what()));
        }
    }
}

impl Tally {
    pub fn add(&mut self, other: Tally) {
        self.jobs += other.jobs;
        self.instances += other.instances;
        self.crashes += other.crashes;
        self.events_lost += other.events_lost;
        self.calls_failed += other.calls_failed;
        self.interruptions += other.interruptions;
        self.removals += other.removals;
        self.in_vain += other.in_vain;
    }
}
