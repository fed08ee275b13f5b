//! The calls to Auto Scaling, and what of their answers matters.
//!
//! <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Operations.html>

use aws_sdk_autoscaling::Client;
use aws_sdk_autoscaling::types::{
    AutoScalingGroup, Instance, InstanceReusePolicy, LifecycleState, WarmPoolConfiguration,
    WarmPoolState, WarmPoolStatus,
};
use model::InstanceId;
use scaler::Warm;
use scaler::ports::Trouble;

use super::{Bounds, SETTING};
use crate::{Aws, CallError, Why};

const DESCRIBE: &str = "autoscaling:DescribeAutoScalingGroups";
const DESCRIBE_WARM: &str = "autoscaling:DescribeWarmPool";
const SET_DESIRED: &str = "autoscaling:SetDesiredCapacity";
const PUT_WARM: &str = "autoscaling:PutWarmPool";
const TERMINATE: &str = "autoscaling:TerminateInstanceInAutoScalingGroup";

/// The state of an instance that does not run, as one that switched itself off, or fails AWS's
/// checks.
/// <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html>
const UNHEALTHY: &str = "Unhealthy";

/// What troubles say was asked.
const LOOKING: &str = "describing the group";

/// What is asked of Auto Scaling about one group: AWS answers, or what a test holds in its place.
pub trait GroupCalls: Send {
    /// The group, whole.
    ///
    /// # Errors
    /// When AWS does not answer, or there is no such group.
    fn describe_group(&self) -> Result<Described, Trouble>;

    /// What its warm pool holds, and how many AWS aims at beside that group.
    ///
    /// # Errors
    /// When AWS does not answer.
    fn describe_warm_pool(&self, group: &Described) -> Result<Warm, Trouble>;

    /// Sets the desired capacity.
    ///
    /// # Errors
    /// When AWS refuses.
    fn put_desired(&self, desired: u32) -> Result<(), Trouble>;

    /// Sets the size of the warm pool.
    ///
    /// # Errors
    /// When AWS refuses.
    fn put_warm(&self, size: u32) -> Result<(), Trouble>;

    /// Ends an instance, and its place with it. One that is gone already is ended.
    ///
    /// # Errors
    /// When AWS refuses.
    fn terminate(&self, id: &InstanceId) -> Result<(), Trouble>;
}

/// A group as AWS describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// The desired capacity.
    pub desired: u32,
    /// What it may be.
    pub bounds: Bounds,
    /// The instances that count towards it.
    pub instances: Vec<Counted>,
    /// Whether a warm pool stands beside them.
    pub has_warm_pool: bool,
}

impl Described {
    /// Instances that AWS may choose to end where the capacity is lowered below the number of all;
    /// protection starts with the service, and a runner may have its job before.
    /// <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-instance-protection.html>
    pub(super) fn unprotected(&self) -> usize {
        let is_safe = |one: &&Counted| one.is_in_service() && one.is_protected;
        self.instances.len() - self.instances.iter().filter(is_safe).count()
    }
}

/// An instance that counts towards the desired capacity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Which.
    pub id: InstanceId,
    /// How far its launch is.
    pub launch: Launch,
    /// Whether AWS says that its machine runs as it should.
    pub is_healthy: bool,
    /// From scale-in.
    pub is_protected: bool,
}

/// How far the launch of an instance is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Launch {
    /// It starts, or is about to be in service.
    UnderWay,
    /// It waits for the answer to a hook.
    AtHook,
    /// It is in service, hooks included: its runner had the time to register.
    Over,
}

impl Counted {
    /// Whether its launch is over.
    pub fn is_in_service(&self) -> bool {
        self.launch == Launch::Over
    }
}

/// A group of a region, behind AWS's SDK.
pub(super) struct Sdk {
    aws: Aws,
    client: Client,
    name: String,
}

impl Sdk {
    pub(super) fn of(aws: &Aws, name: &str) -> Self {
        Sdk { aws: aws.clone(), client: Client::new(aws.config()), name: name.to_owned() }
    }
}

impl GroupCalls for Sdk {
    /// Page by page: its instances may come in pieces.
    fn describe_group(&self) -> Result<Described, Trouble> {
        let mut whole: Option<Described> = None;
        let mut token: Option<String> = None;
        loop {
            let ask = self
                .client
                .describe_auto_scaling_groups()
                .auto_scaling_group_names(&self.name)
                .set_next_token(token.clone());
            let page = self.aws.wait(ask.send());
            let page =
                page.map_err(|error| Trouble::new(LOOKING, CallError::of(DESCRIBE, &error)))?;
            for group in page.auto_scaling_groups() {
                let more = described(group);
                match &mut whole {
                    Some(whole) => whole.instances.extend(more.instances),
                    None => whole = Some(more),
                }
            }
            match page.next_token {
                Some(next) if Some(&next) != token.as_ref() => token = Some(next),
                _ => break,
            }
        }
        whole.ok_or_else(|| {
            let (name, region) = (&self.name, self.aws.region());
            Trouble::new(LOOKING, format!("there is no Auto Scaling group {name} in {region}"))
        })
    }

    fn describe_warm_pool(&self, group: &Described) -> Result<Warm, Trouble> {
        let mut warm = Warm::default();
        let mut token: Option<String> = None;
        loop {
            let ask = self
                .client
                .describe_warm_pool()
                .auto_scaling_group_name(&self.name)
                .set_next_token(token.clone());
            let page = self.aws.wait(ask.send()).map_err(|error| {
                Trouble::new("describing the warm pool", CallError::of(DESCRIBE_WARM, &error))
            })?;
            if let Some(set) = page.warm_pool_configuration() {
                warm.size = aimed_at(set, group);
            }
            page.instances().iter().for_each(|instance| count_warm(&mut warm, instance));
            match page.next_token {
                Some(next) if Some(&next) != token.as_ref() => token = Some(next),
                _ => return Ok(warm),
            }
        }
    }

    fn put_desired(&self, desired: u32) -> Result<(), Trouble> {
        let ask = self
            .client
            .set_desired_capacity()
            .auto_scaling_group_name(&self.name)
            .desired_capacity(written(desired))
            .honor_cooldown(false);
        self.aws
            .wait(ask.send())
            .map(drop)
            .map_err(|error| Trouble::new(SETTING, CallError::of(SET_DESIRED, &error)))
    }

    /// Only with both bounds at the same number is it the size of the pool: with the upper one
    /// unset, AWS prepares as many as the group's maximum lies above its desired capacity.
    /// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutWarmPool.html>
    fn put_warm(&self, size: u32) -> Result<(), Trouble> {
        let ask = self
            .client
            .put_warm_pool()
            .auto_scaling_group_name(&self.name)
            .min_size(written(size))
            .max_group_prepared_capacity(written(size))
            .pool_state(WarmPoolState::Stopped)
            .instance_reuse_policy(InstanceReusePolicy::builder().reuse_on_scale_in(false).build());
        self.aws
            .wait(ask.send())
            .map(drop)
            .map_err(|error| Trouble::new("setting the warm pool", CallError::of(PUT_WARM, &error)))
    }

    fn terminate(&self, id: &InstanceId) -> Result<(), Trouble> {
        let ask = self
            .client
            .terminate_instance_in_auto_scaling_group()
            .instance_id(&id.0)
            .should_decrement_desired_capacity(true);
        let Err(error) = self.aws.wait(ask.send()) else { return Ok(()) };
        let error = CallError::of(TERMINATE, &error);
        match is_gone(&error) {
            true => Ok(()),
            false => Err(Trouble::new("ending an instance", format!("{id}: {}", told(&error)))),
        }
    }
}

/// With what to do about it, where AWS does not say it in our terms.
fn told(error: &CallError) -> String {
    match &error.why {
        Why::Refused { said, .. } if said.contains("group's min size constraint") => format!(
            "{error}; expected a group whose minimum is 0: it is the scaler that keeps runners_min"
        ),
        _ => error.to_string(),
    }
}

/// So many instances a warm pool is filled up to. One that somebody else made may have no upper
/// bound (unset, or -1): then it holds what the group's maximum lies above its desired capacity.
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutWarmPool.html>
fn aimed_at(set: &WarmPoolConfiguration, group: &Described) -> u32 {
    let prepared = set.max_group_prepared_capacity().and_then(|most| u32::try_from(most).ok());
    let least = whole(set.min_size());
    match prepared {
        Some(most) if most == least => least,
        most => least.max(most.unwrap_or(group.bounds.max).saturating_sub(group.desired)),
    }
}

/// `ValidationError: Instance Id not found - No managed instance found for instance ID: i-..`
fn is_gone(error: &CallError) -> bool {
    matches!(&error.why, Why::Refused { said, .. } if said.contains("Instance Id not found"))
}

fn described(group: &AutoScalingGroup) -> Described {
    let going = Some(&WarmPoolStatus::PendingDelete);
    let warm_pool = group.warm_pool_configuration();
    Described {
        desired: whole(group.desired_capacity()),
        bounds: Bounds { min: whole(group.min_size()), max: whole(group.max_size()) },
        instances: group.instances().iter().filter_map(counted).collect(),
        has_warm_pool: warm_pool.is_some_and(|pool| pool.status() != going),
    }
}

/// None of those that leave, stand by or are warmed: the group does not count them.
/// <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html>
fn counted(instance: &Instance) -> Option<Counted> {
    let launch = match instance.lifecycle_state()? {
        LifecycleState::InService => Launch::Over,
        LifecycleState::PendingWait => Launch::AtHook,
        LifecycleState::Pending | LifecycleState::PendingProceed => Launch::UnderWay,
        _ => return None,
    };
    let is_protected = instance.protected_from_scale_in() == Some(true);
    Some(Counted {
        id: InstanceId(instance.instance_id()?.to_owned()),
        launch,
        is_healthy: instance.health_status() != Some(UNHEALTHY),
        is_protected,
    })
}

fn count_warm(warm: &mut Warm, instance: &Instance) {
    match instance.lifecycle_state() {
        Some(LifecycleState::WarmedStopped) => warm.stopped += 1,
        Some(
            LifecycleState::WarmedPending
            | LifecycleState::WarmedPendingWait
            | LifecycleState::WarmedPendingProceed
            | LifecycleState::WarmedRunning,
        ) => warm.preparing += 1,
        _ => {}
    }
}

pub(super) fn whole(number: Option<i32>) -> u32 {
    number.and_then(|number| u32::try_from(number).ok()).unwrap_or(0)
}

fn written(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
