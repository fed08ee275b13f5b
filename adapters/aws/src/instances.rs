//! To which Auto Scaling groups instances belong.

use std::collections::BTreeMap;

use aws_sdk_autoscaling::Client;
use aws_sdk_autoscaling::types::AutoScalingInstanceDetails;
use model::InstanceId;

use crate::{Aws, CallError};

/// The instances of an account and a region.
#[derive(Clone, Debug)]
pub struct Instances {
    aws: Aws,
    client: Client,
}

impl Instances {
    /// Those of that account and region.
    pub fn of(aws: &Aws) -> Self {
        Instances { aws: aws.clone(), client: Client::new(aws.config()) }
    }

    /// So many ids a call takes.
    /// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingInstances.html>
    pub const ASKED_MAX: usize = 50;

    /// The groups of these instances, of those that are in one.
    ///
    /// # Errors
    /// When AWS does not say.
    pub fn groups_of(&self, ids: &[InstanceId]) -> Result<BTreeMap<InstanceId, String>, CallError> {
        let mut groups = BTreeMap::new();
        for some in ids.chunks(Self::ASKED_MAX) {
            let ids = some.iter().map(|id| id.0.clone()).collect();
            let ask = self.client.describe_auto_scaling_instances().set_instance_ids(Some(ids));
            let answer = self.aws.wait(ask.send()).map_err(|error| {
                CallError::of("autoscaling:DescribeAutoScalingInstances", &error)
            })?;
            let told = |one: &AutoScalingInstanceDetails| {
                let (id, group) = (one.instance_id()?, one.auto_scaling_group_name()?);
                Some((InstanceId(id.to_owned()), group.to_owned()))
            };
            groups.extend(answer.auto_scaling_instances().iter().filter_map(told));
        }
        Ok(groups)
    }
}
