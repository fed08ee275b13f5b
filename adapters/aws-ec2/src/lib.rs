//! When instances were started.
//!
//! Auto Scaling tells all that the scaler needs of an instance but this. Without it, an instance is
//! as old as the first sight of it: right to some seconds for whoever looks every ten seconds, and
//! wrong for whoever begins to look while instances boot. It is a package of its own because of what
//! the SDK of EC2 costs to compile, and empty without its feature `ec2`.
#![cfg(feature = "ec2")]

use std::collections::BTreeMap;

use aws::{Aws, CallError, Launches};
use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{Filter, Instance, Reservation};
use model::{InstanceId, Timestamp};

const DESCRIBE: &str = "ec2:DescribeInstances";

/// So many values a filter takes.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html>
pub const VALUES_MAX: usize = 200;

/// As many instances as one page holds at most; without a number EC2 may take its time for all.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html>
const PAGE: i32 = 1000;

/// The EC2 of a region.
#[derive(Clone, Debug)]
pub struct Ec2 {
    aws: Aws,
    client: Client,
}

impl Ec2 {
    /// Nothing is asked of AWS yet.
    pub fn of(aws: &Aws) -> Self {
        Ec2 { aws: aws.clone(), client: Client::new(aws.config()) }
    }

    /// Asks by a filter: named as ids, a single one that EC2 does not know would refuse them all.
    fn describe(
        &self,
        ids: &[InstanceId],
        told: &mut BTreeMap<InstanceId, Timestamp>,
    ) -> Result<(), CallError> {
        let these = Filter::builder()
            .name("instance-id")
            .set_values(Some(ids.iter().map(|id| id.0.clone()).collect()))
            .build();
        let mut token: Option<String> = None;
        loop {
            let ask = self.client.describe_instances().filters(these.clone()).max_results(PAGE);
            let page = self.aws.wait(ask.set_next_token(token.clone()).send());
            let page = page.map_err(|error| CallError::of(DESCRIBE, &error))?;
            let instances = page.reservations().iter().flat_map(Reservation::instances);
            told.extend(instances.filter_map(launch));
            match page.next_token {
                Some(next) if Some(&next) != token.as_ref() => token = Some(next),
                _ => return Ok(()),
            }
        }
    }
}

impl Launches for Ec2 {
    /// Of a stopped instance that was started again, its last start.
    /// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html>
    fn launched(&self, ids: &[InstanceId]) -> Result<BTreeMap<InstanceId, Timestamp>, CallError> {
        let mut told = BTreeMap::new();
        for ids in ids.chunks(VALUES_MAX) {
            self.describe(ids, &mut told)?;
        }
        Ok(told)
    }
}

fn launch(instance: &Instance) -> Option<(InstanceId, Timestamp)> {
    let id = InstanceId(instance.instance_id()?.to_owned());
    Some((id, Timestamp::from_secs(instance.launch_time()?.secs())))
}
