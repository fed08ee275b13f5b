//! What the code asks of Auto Scaling, each with what IAM calls it.

use std::collections::BTreeMap;

use aws::{CallError, Described, GroupCalls, Verdict, Waiting};
use model::InstanceId;
use scaler::Warm;
use scaler::ports::Trouble;
use scaler_lambda::ports::{Hooks, Instances};

use crate::group::At;
use crate::setting::GROUP;
use crate::stage::Line;

fn trouble(error: CallError) -> Trouble {
    Trouble::new("asking the group", error)
}

impl GroupCalls for Line {
    fn describe_group(&self) -> Result<Described, Trouble> {
        let asked = self.aws("autoscaling:DescribeAutoScalingGroups", |world| world.describe());
        asked.map_err(trouble)
    }

    fn describe_warm_pool(&self, _group: &Described) -> Result<Warm, Trouble> {
        let asked = self.aws("autoscaling:DescribeWarmPool", |world| {
            let stopped = world.group.ids(|at| at == At::WarmedStopped).len();
            let preparing = world.group.ids(At::is_warmed).len() - stopped;
            let count = |number: usize| u32::try_from(number).unwrap();
            let size = world.group.warm_size;
            Warm { size, stopped: count(stopped), preparing: count(preparing) }
        });
        asked.map_err(trouble)
    }

    fn put_desired(&self, desired: u32) -> Result<(), Trouble> {
        self.aws("autoscaling:SetDesiredCapacity", |world| world.set_desired(desired))
            .map_err(trouble)
    }

    fn put_warm(&self, size: u32) -> Result<(), Trouble> {
        let asked = self.aws("autoscaling:PutWarmPool", |world| {
            world.group.warm_size = size;
            world.reconcile_soon();
        });
        asked.map_err(trouble)
    }

    fn terminate(&self, id: &InstanceId) -> Result<(), Trouble> {
        self.aws("autoscaling:TerminateInstanceInAutoScalingGroup", |world| world.terminate(id))
            .map_err(trouble)?
    }
}

impl Instances for Line {
    fn groups_of(&self, ids: &[InstanceId]) -> Result<BTreeMap<InstanceId, String>, CallError> {
        self.aws("autoscaling:DescribeAutoScalingInstances", |world| {
            let there = ids.iter().filter(|id| world.group.machines.contains_key(*id));
            there.map(|id| (id.clone(), GROUP.to_owned())).collect()
        })
    }
}

impl Hooks for Line {
    fn answer(&self, waiting: Waiting<'_>, _verdict: Verdict) -> Result<bool, CallError> {
        self.aws("autoscaling:CompleteLifecycleAction", |world| world.answer(waiting))
    }
}
