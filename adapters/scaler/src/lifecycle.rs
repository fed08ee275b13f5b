//! The lifecycle function: answers hooks, and counts what is taken away.
//!
//! An event may come twice. An instance is counted once in a sandbox, and a hook that was answered
//! waits no longer, so that answering it again does nothing.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use aws::{Aws, Hooks, Instances, Verdict, Waiting};
use lambda::Lines;
use model::catalogue::SPOT_INTERRUPTIONS;
use model::emf::Record;
use model::{Dimension, Dimensions, InstanceId, Timestamp};
use serde_json::{Value, json};

use crate::settings::{Mode, Settings};
use crate::{Event, Hook, Moment};

/// So many instances are known again. An event is repeated within minutes.
const REMEMBERED_MAX: usize = 4096;

/// The lifecycle function in one sandbox.
pub struct Lifecycle {
    mode: Mode,
    instances: Instances,
    hooks: Hooks,
    /// Pools by their groups.
    pools: BTreeMap<String, String>,
    counted: BTreeSet<InstanceId>,
    order: VecDeque<InstanceId>,
    lines: Lines,
    clock: fn() -> Timestamp,
}

impl Lifecycle {
    /// Knows no instance yet.
    pub fn new(settings: Settings, aws: &Aws, lines: Lines, clock: fn() -> Timestamp) -> Self {
        let Settings { mode, pools, .. } = settings;
        Lifecycle {
            mode,
            instances: Instances::of(aws),
            hooks: Hooks::of(aws),
            pools: pools.into_iter().map(|pool| (pool.group, pool.name)).collect(),
            counted: BTreeSet::new(),
            order: VecDeque::new(),
            lines,
            clock,
        }
    }

    /// Does what an event asks for.
    ///
    /// # Errors
    /// When it is none of its events, or AWS does not do what is asked: then the event is to come
    /// again.
    pub fn handle(&mut self, event: Event) -> Result<Value, String> {
        match event {
            Event::Ping => Ok(json!({ "outcome": "ignored" })),
            Event::Hook(hook) => self.hook(&hook),
            Event::Spot { id, is_final } => self.spot(&id, is_final),
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

    /// A launch waits for whoever prepares the instance, and is in service when that is done; an end
    /// waits for nothing.
    fn hook(&mut self, hook: &Hook) -> Result<Value, String> {
        let Hook { id, group, name, token, moment, .. } = hook;
        let Some(pool) = self.pools.get(group) else {
            return Ok(json!({ "outcome": "ignored" }));
        };
        if *moment == Moment::Launch {
            tracing::debug!(pool, instance = %id, for_warm_pool = hook.is_for_warm_pool, "starts");
            return Ok(json!({ "outcome": "left to the instance" }));
        }
        if self.mode == Mode::DryRun {
            tracing::info!(pool, instance = %id, "would let it end");
            return Ok(json!({ "outcome": "would proceed" }));
        }
        let waiting = Waiting { id, group, hook: name, token };
        match self.hooks.answer(waiting, Verdict::Continue) {
            Ok(true) => Ok(json!({ "outcome": "proceeds" })),
            Ok(false) => Ok(json!({ "outcome": "waits no longer" })),
            Err(error) => Err(error.to_string()),
        }
    }

    fn spot(&mut self, id: &InstanceId, is_final: bool) -> Result<Value, String> {
        if self.counted.contains(id) {
            return Ok(json!({ "outcome": "known" }));
        }
        let group = self.instances.group_of(id).map_err(|error| error.to_string())?;
        let Some(pool) = group.and_then(|group| self.pools.get(&group)) else {
            return Ok(json!({ "outcome": "ignored" }));
        };
        if !is_final {
            tracing::info!(pool, instance = %id, "AWS may take it away soon");
            return Ok(json!({ "outcome": "noted" }));
        }
        let now = (self.clock)();
        let by = Dimensions::none().with(Dimension::Pool, pool);
        let record = Record::new(now, by).with(SPOT_INTERRUPTIONS.inc());
        tracing::info!(pool, instance = %id, "AWS takes it away within two minutes");
        self.lines.write(&[record], now).map_err(|error| error.to_string())?;
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
