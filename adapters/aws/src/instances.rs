//! To which Auto Scaling groups instances belong.

use aws_sdk_autoscaling::Client;
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

    /// The group of an instance; none where it is in none.
    ///
    /// # Errors
    /// When AWS does not say.
    pub fn group_of(&self, id: &InstanceId) -> Result<Option<String>, CallError> {
        let ask = self.client.describe_auto_scaling_instances().instance_ids(&id.0);
        let answer = self
            .aws
            .wait(ask.send())
            .map_err(|error| CallError::of("autoscaling:DescribeAutoScalingInstances", &error))?;
        let found = answer.auto_scaling_instances().first();
        Ok(found.and_then(|one| one.auto_scaling_group_name()).map(str::to_owned))
    }
}
