//! The lifecycle function: answers hooks, and counts what is taken away.
//!
//! An event may come twice. An instance is counted once in a sandbox, and a hook that was answered
//! waits no longer, so that answering it again does nothing.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use aws::{Aws, Verdict, Waiting};
use lambda::Lines;
use model::catalogue::{REGISTRATIONS_FAILED, SPOT_INTERRUPTIONS};
use model::emf::Record;
use model::{Counter, Dimension, Dimensions, InstanceId, Timestamp};
use serde_json::{Value, json};

use crate::ports::{Hooks, Instances};
use crate::registration::{self, Registry};
use crate::settings::{Mode, ScaledPool, Settings};
use crate::{Event, Hook, Moment};

/// The hook at which an instance starts, as the template names it.
const LAUNCHING: &str = "headroom-launching";

/// So many instances are known again. An event is repeated within minutes.
const REMEMBERED_MAX: usize = 4096;

/// The lifecycle function in one sandbox.
pub struct Lifecycle {
    mode: Mode,
    instances: Box<dyn Instances>,
    hooks: Box<dyn Hooks>,
    /// Registers runners, where that is ours to do.
    registry: Option<Registry>,
    /// Pools by their groups.
    pools: BTreeMap<String, ScaledPool>,
    counted: BTreeSet<InstanceId>,
    order: VecDeque<InstanceId>,
    lines: Lines,
}

impl Lifecycle {
    /// Knows no instance yet.
    pub fn new(settings: Settings, aws: &Aws, lines: Lines) -> Self {
        let registry = settings.github.clone().map(|github| Registry::new(github, aws));
        let (instances, hooks) = (aws::Instances::of(aws), aws::Hooks::of(aws));
        Lifecycle::behind(settings, registry, Box::new(instances), Box::new(hooks), lines)
    }

    /// Behind these.
    pub fn behind(
        settings: Settings,
        registry: Option<Registry>,
        instances: Box<dyn Instances>,
        hooks: Box<dyn Hooks>,
        lines: Lines,
    ) -> Self {
        let pools = settings.pools.into_iter().flat_map(ScaledPool::by_group);
        Lifecycle {
            mode: settings.mode,
            instances,
            hooks,
            registry,
            pools: pools.collect(),
            counted: BTreeSet::new(),
            order: VecDeque::new(),
            lines,
        }
    }

    /// Does what an event asks for.
    ///
    /// # Errors
    /// When it is none of its events, or AWS does not do what is asked: then the event is to come
    /// again.
    pub fn handle(&mut self, event: Event, now: Timestamp) -> Result<Value, String> {
        match event {
            Event::Ping => Ok(json!({ "outcome": "ignored" })),
            Event::Hook(hook) => self.hook(&hook, now),
            Event::Spot { id, is_final } => self.spot(&id, is_final, now),
            Event::Deleted { name } => self.deleted(&name),
            Event::Told { id, what } => {
                let instance = id.as_ref().map_or("none", |id| id.0.as_str());
                match what.ends_with("Unsuccessful") {
                    true => tracing::warn!(instance, what, "AWS tells"),
                    false => tracing::debug!(instance, what, "AWS tells"),
                }
                Ok(json!({ "outcome": "noted" }))
            }
            Event::Schedule | Event::Lines(_) | Event::Alarm(_) => Err(
                "an event of the queue was sent to the lifecycle function; expected a lifecycle \
                     action, an end or a Spot notice"
                    .to_owned(),
            ),
        }
    }

    /// A launch is in service when its runner is registered, and goes into the warm pool when it
    /// says that it is prepared; where others prepare instances, both wait for them. An end waits for
    /// nothing.
    fn hook(&mut self, hook: &Hook, now: Timestamp) -> Result<Value, String> {
        let Hook { id, group, name, token, moment, arn, .. } = hook;
        let Some(scaled) = self.pools.get(group) else {
            return Ok(json!({ "outcome": "ignored" }));
        };
        let pool = &scaled.name;
        let registry = self.registry.as_ref();
        if *moment == Moment::Launch && registry.is_none() {
            tracing::debug!(pool, instance = %id, for_warm_pool = hook.is_for_warm_pool, "starts");
            return Ok(json!({ "outcome": "left to the instance" }));
        }
        if self.mode == Mode::DryRun {
            tracing::info!(pool, instance = %id, ?moment, "would let it go on");
            return Ok(json!({ "outcome": "would proceed" }));
        }
        match (moment, registry) {
            (Moment::Launch, Some(registry)) if hook.is_for_warm_pool => {
                registry.warms(id, arn).map_err(|error| error.to_string())?;
                return Ok(json!({ "outcome": "prepares" }));
            }
            (Moment::Launch, Some(registry)) => {
                let is_new = match registry.register(scaled, id, arn, now) {
                    Ok(is_new) => is_new,
                    Err(error) => {
                        count(&mut self.lines, REGISTRATIONS_FAILED, pool, now)?;
                        return Err(error.to_string());
                    }
                };
                tracing::info!(pool, instance = %id, is_new, "its runner is registered");
            }
            (Moment::End, Some(registry)) => {
                // What is left is taken away later; the end waits for nobody.
                if let Err(error) = registry.forget(id, now) {
                    tracing::warn!(pool, instance = %id, %error, "something of it is left");
                }
            }
            (_, None) => {}
        }
        self.answer(Waiting { id, group, hook: name, token: Some(token) })
    }

    /// An instance that was to say when it is prepared for the warm pool has said so.
    fn deleted(&mut self, name: &str) -> Result<Value, String> {
        let Some(id) = registration::prepared(name).filter(|_| self.registry.is_some()) else {
            return Ok(json!({ "outcome": "ignored" }));
        };
        let group = self.group_of(&id)?;
        let Some(group) = group.filter(|group| self.pools.contains_key(group)) else {
            return Ok(json!({ "outcome": "ignored" }));
        };
        self.answer(Waiting { id: &id, group: &group, hook: LAUNCHING, token: None })
    }

    fn group_of(&self, id: &InstanceId) -> Result<Option<String>, String> {
        let groups = self.instances.groups_of(std::slice::from_ref(id));
        groups.map(|mut groups| groups.remove(id)).map_err(|error| error.to_string())
    }

    fn answer(&self, waiting: Waiting<'_>) -> Result<Value, String> {
        match self.hooks.answer(waiting, Verdict::Continue) {
            Ok(true) => Ok(json!({ "outcome": "proceeds" })),
            Ok(false) => Ok(json!({ "outcome": "waits no longer" })),
            Err(error) => Err(error.to_string()),
        }
    }

    fn spot(&mut self, id: &InstanceId, is_final: bool, now: Timestamp) -> Result<Value, String> {
        if self.counted.contains(id) {
            return Ok(json!({ "outcome": "known" }));
        }
        let group = self.group_of(id)?;
        let Some(scaled) = group.and_then(|group| self.pools.get(&group)) else {
            return Ok(json!({ "outcome": "ignored" }));
        };
        let pool = &scaled.name;
        if !is_final {
            tracing::info!(pool, instance = %id, "AWS may take it away soon");
            return Ok(json!({ "outcome": "noted" }));
        }
        tracing::info!(pool, instance = %id, "AWS takes it away within two minutes");
        count(&mut self.lines, SPOT_INTERRUPTIONS, pool, now)?;
        self.remember(id);
        Ok(json!({ "outcome": "counted" }))
    }

    fn remember(&mut self, id: &InstanceId) {
        self.counted.insert(id.clone());
        self.order.push_back(id.clone());
        if self.order.len() > REMEMBERED_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.counted.remove(&oldest);
        }
    }
}

/// One more of a pool.
fn count(lines: &mut Lines, counter: Counter, pool: &str, now: Timestamp) -> Result<(), String> {
    let record = Record::new(now, Dimensions::none().with(Dimension::Pool, pool));
    lines.write(&[record.with(counter.inc())], now).map_err(|error| error.to_string())
}
