//! When instances were started, as an emulator of EC2 tells it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[expect(dead_code, reason = "others ask for more of it")]
#[path = "../../../tests/cloud/moto.rs"]
mod moto;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use aws::{AutoScaling, Aws, Launches};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_ec2::{Ec2, VALUES_MAX};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use model::{InstanceId, Timestamp};
use moto::{Moto, REGION};
use scaler::ports::{Group, Open};
use scaler::{Backlog, Capacity, Source};
use tokio::runtime::Handle;

/// A runtime that lasts as long as the test, on a thread of its own.
fn runtime() -> Handle {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let handle = runtime.handle().clone();
    std::thread::spawn(move || runtime.block_on(std::future::pending::<()>()));
    handle
}

fn reach(emulator: &Moto) -> Aws {
    let keys = Credentials::new("key", "secret", None, None, "tests");
    let tls = Provider::Rustls(CryptoMode::Ring);
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .endpoint_url(emulator.url())
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .http_client(aws_smithy_http_client::Builder::new().tls_provider(tls).build_https())
        .build();
    Aws::with(config, &runtime()).unwrap()
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_secs(i64::try_from(since.as_secs()).unwrap())
}

/// The instances of a group of so many.
fn started(aws: &Aws, instances: u32) -> Vec<InstanceId> {
    let backlog = Backlog {
        as_of: now(),
        source: Source::Jobs,
        queued: 0,
        oldest_queued_at: None,
        ghosts: 0,
        running: 0,
    };
    let mut group = AutoScaling::named(aws, "linux");
    group.set_desired(Capacity::of(instances), now()).unwrap();
    let fleet = group.describe(&Open { backlog, busy: Vec::new() }, now()).unwrap();
    fleet.members.into_iter().map(|member| member.id).collect()
}

#[test]
fn starts_are_told_of_those_that_there_are_however_many_are_asked_for() {
    let emulator = Moto::start(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    emulator.make_group("linux");
    let aws = reach(&emulator);
    let before = now();
    let there = started(&aws, 2);
    let unknown = (0..VALUES_MAX).map(|n| InstanceId(format!("i-{n:017x}")));
    let mut ids: Vec<InstanceId> = vec![there[0].clone()];
    ids.extend(unknown);
    ids.push(there[1].clone());

    let told = Ec2::of(&aws).launched(&ids).unwrap();
    assert_eq!(told.keys().collect::<BTreeSet<_>>(), there.iter().collect());
    let after = now();
    assert!(told.values().all(|at| (before..=after).contains(at)), "{told:?}");
}
