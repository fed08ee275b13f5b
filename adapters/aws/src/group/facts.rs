//! How groups are set up, for whoever checks it before trouble comes.

use std::collections::BTreeSet;

use aws_sdk_autoscaling::Client;
use aws_sdk_autoscaling::operation::describe_lifecycle_hooks::DescribeLifecycleHooksOutput;
use aws_sdk_autoscaling::types::{
    AutoScalingGroup, Filter, LifecycleHook, LifecycleState, SuspendedProcess,
};

use super::calls::whole;
use crate::{Aws, CallError};

const DESCRIBE: &str = "autoscaling:DescribeAutoScalingGroups";
const HOOKS: &str = "autoscaling:DescribeLifecycleHooks";

/// The tag of every group that the template makes; its value is the pool.
pub const POOL_TAG: &str = "headroom:pool";

/// How a group is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupFacts {
    /// Its name.
    pub name: String,
    /// Its own minimum, instances.
    pub min: u32,
    /// Whether new instances are protected from scale-in.
    pub is_protected: bool,
    /// The processes that are suspended, as AWS names them.
    pub suspended: BTreeSet<String>,
    /// Its lifecycle hooks.
    pub hooks: Vec<HookFacts>,
    /// Instances that wait for the answer to a hook now.
    pub at_hook: usize,
}

/// A lifecycle hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookFacts {
    /// Its name.
    pub name: String,
    /// Whether it holds instances up that start, rather than those that end.
    pub is_at_launch: bool,
    /// After so long without an answer AWS goes on, in seconds.
    pub timeout_secs: u32,
}

/// The groups of an account and a region.
#[derive(Clone, Debug)]
pub struct Groups {
    aws: Aws,
    client: Client,
}

impl Groups {
    /// Nothing is asked of AWS yet.
    pub fn of(aws: &Aws) -> Self {
        Groups { aws: aws.clone(), client: Client::new(aws.config()) }
    }

    /// The groups of these names; without any, those with [`POOL_TAG`]. Names of which there is none
    /// are left out.
    ///
    /// # Errors
    /// When a call fails.
    pub fn facts(&self, names: &[String]) -> Result<Vec<GroupFacts>, CallError> {
        let mut all = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let ask = self.client.describe_auto_scaling_groups().set_next_token(token.clone());
            let ask = match names {
                [] => ask.filters(Filter::builder().name("tag-key").values(POOL_TAG).build()),
                names => ask.set_auto_scaling_group_names(Some(names.to_vec())),
            };
            let page = self.aws.wait(ask.send());
            let page = page.map_err(|error| CallError::of(DESCRIBE, &error))?;
            for group in page.auto_scaling_groups() {
                all.push(self.told(group)?);
            }
            match page.next_token {
                Some(next) if Some(&next) != token.as_ref() => token = Some(next),
                _ => return Ok(all),
            }
        }
    }

    fn told(&self, group: &AutoScalingGroup) -> Result<GroupFacts, CallError> {
        let name = group.auto_scaling_group_name().unwrap_or_default().to_owned();
        let ask = self.client.describe_lifecycle_hooks().auto_scaling_group_name(&name);
        let hooks = self.aws.wait(ask.send()).map_err(|error| CallError::of(HOOKS, &error))?;
        let waits = |state: &LifecycleState| {
            use LifecycleState::{PendingWait, TerminatingWait, WarmedPendingWait};
            matches!(state, PendingWait | WarmedPendingWait | TerminatingWait)
        };
        let at_hook = group.instances().iter().filter_map(|one| one.lifecycle_state());
        let suspended =
            group.suspended_processes().iter().filter_map(SuspendedProcess::process_name);
        Ok(GroupFacts {
            min: whole(group.min_size()),
            is_protected: group.new_instances_protected_from_scale_in() == Some(true),
            suspended: suspended.map(str::to_owned).collect(),
            hooks: hooks_of(&hooks),
            at_hook: at_hook.filter(|state| waits(state)).count(),
            name,
        })
    }
}

fn hooks_of(told: &DescribeLifecycleHooksOutput) -> Vec<HookFacts> {
    let facts = |hook: &LifecycleHook| HookFacts {
        name: hook.lifecycle_hook_name().unwrap_or_default().to_owned(),
        is_at_launch: hook.lifecycle_transition() == Some("autoscaling:EC2_INSTANCE_LAUNCHING"),
        timeout_secs: whole(hook.heartbeat_timeout()),
    };
    told.lifecycle_hooks().iter().map(facts).collect()
}
