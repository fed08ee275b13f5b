//! The life of a runner: registered before its instance is in service, gone before it ends.

use serde_json::{Value, json};

use crate::world::cloud::Fault;
use crate::world::github::GitHub;
use crate::world::{Cloud, Function, Group, Outcome, Sandbox, bridge, now, schedule, subscription};

const ID: &str = "i-0123456789abcdef0";
const CONFIG: &str = "/headroom/runners/i-0123456789abcdef0/config";
const WARMING: &str = "/headroom/runners/i-0123456789abcdef0/warming";
const KEY: &str = include_str!("../../../tests/fixtures/github/app-key.pem");

/// An instance of the pool linux, whose runners belong to a group of their own.
struct Stage {
    cloud: Cloud,
    github: GitHub,
    idle_hold_secs: u64,
}

impl Stage {
    fn set() -> Stage {
        let (cloud, github) = (Cloud::start(), GitHub::start());
        let stage = Stage { cloud, github, idle_hold_secs: 600 };
        stage.cloud.parameter("/headroom/github-app-key", KEY, 0);
        stage
    }

    fn function(&self, role: &str) -> Function {
        let github = json!({ "organization": "acme", "app_id": "Iv1", "private_key":
            "/headroom/github-app-key", "api_url": format!("http://{}", self.github.address) });
        let pools = json!([{ "name": "linux", "labels": ["linux", "self-hosted"],
            "runner_group": "secure", "group": "linux-runners",
            "policy": { "runners_max": 50, "idle_hold": self.idle_hold_secs } }]);
        let function = Function::tick(&self.cloud, &["linux"])
            .var("HEADROOM_ROLE", role)
            .var("HEADROOM_POOLS", &pools.to_string())
            .var("HEADROOM_GITHUB", &github.to_string());
        let members = vec![ID.to_owned()];
        self.cloud.group("linux-runners", Group { desired: 1, members, ..Group::default() });
        function
    }

    fn lifecycle(&self) -> Sandbox {
        self.function("lifecycle").start()
    }

    /// The instance waits at a hook.
    fn hook(&self, kind: &str, destination: &str) -> Value {
        self.cloud.waits(ID);
        let detail = json!({ "LifecycleActionToken": "t", "AutoScalingGroupName": "linux-runners",
            "LifecycleHookName": "headroom-launching", "EC2InstanceId": ID,
            "Destination": destination });
        let mut event = bridge(kind, &detail);
        event["region"] = json!("eu-central-1");
        event["account"] = json!("123456789012");
        event
    }

    fn launch(&self) -> Value {
        self.hook("EC2 Instance-launch Lifecycle Action", "AutoScalingGroup")
    }
}

#[test]
fn a_runner_is_registered_for_its_instance_alone_before_the_instance_is_in_service() {
    let stage = Stage::set();
    assert_eq!(stage.lifecycle().invoke(&stage.launch())["outcome"], "proceeds");
    let parameters = stage.cloud.parameters();
    let config = &parameters[CONFIG];
    assert_eq!(config.value, "jit-1");
    let arn = format!("arn:aws:ec2:eu-central-1:123456789012:instance/{ID}");
    assert_eq!(config.tags, json!([{ "Key": "headroom:instance", "Value": arn }]));
    let registered = stage.github.registered();
    assert_eq!(
        (&registered[0]["name"], &registered[0]["runner_group_id"]),
        (&json!(ID), &json!(5))
    );
    assert_eq!(registered[0]["labels"], json!(["linux", "self-hosted"]));
}

#[test]
fn a_crash_between_any_two_steps_is_made_up_for_by_the_next_try() {
    let stage = Stage::set();
    let sandbox = stage.lifecycle();
    let fails = |call: &str| {
        stage.cloud.fault(call, "", Fault::Fails);
        let outcome = sandbox.outcome(stage.launch().to_string().as_bytes());
        assert!(matches!(outcome, Outcome::Error(_)), "{call}: {outcome:?}");
        stage.cloud.recovers();
    };
    // Registered, and its configuration is lost: it is registered anew.
    fails("PutParameter");
    assert_eq!((stage.github.runners().len(), stage.cloud.parameters().len()), (1, 1));
    // Kept, and the hook is not answered: it is answered by the next try.
    fails("CompleteLifecycleAction");
    assert_eq!(stage.cloud.parameters()[CONFIG].value, "jit-2");
    assert_eq!(sandbox.invoke(&stage.launch())["outcome"], "proceeds");
    assert_eq!((stage.github.registered().len(), stage.github.runners().len()), (2, 1));
    assert_eq!(stage.cloud.parameters()[CONFIG].value, "jit-2");
}

#[test]
fn a_runner_that_is_started_already_is_left_to_its_instance() {
    let stage = Stage::set();
    let sandbox = stage.lifecycle();
    stage.github.online(ID);
    assert_eq!(sandbox.invoke(&stage.launch())["outcome"], "proceeds");
    assert_eq!((stage.github.runners().len(), stage.github.registered().len()), (1, 0));
    assert!(!stage.cloud.parameters().contains_key(CONFIG));
}

#[test]
fn while_github_fails_no_instance_goes_into_service_without_a_runner() {
    let stage = Stage::set();
    let sandbox = stage.lifecycle();
    stage.github.is_down(true);
    let outcome = sandbox.outcome(stage.launch().to_string().as_bytes());
    assert!(matches!(&outcome, Outcome::Error(text) if text.contains("502")), "{outcome:?}");
    assert!(stage.cloud.calls("CompleteLifecycleAction").is_empty());
    stage.github.is_down(false);
    assert_eq!(sandbox.invoke(&stage.launch())["outcome"], "proceeds");
    let (lines, log) = sandbox.end();
    let failed: Vec<&Value> =
        lines.iter().filter(|line| line["RegistrationsFailed"] == 1).collect();
    assert_eq!((failed.len(), &failed[0]["Pool"]), (1, &json!("linux")), "{log}");
    for secret in ["jit-", "ghs_", "PRIVATE", "Bearer"] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[test]
fn into_the_warm_pool_goes_what_says_that_it_is_prepared_and_registers_nothing() {
    let stage = Stage::set();
    let sandbox = stage.lifecycle();
    let warms = stage.hook("EC2 Instance-launch Lifecycle Action", "WarmPool");
    assert_eq!(sandbox.invoke(&warms)["outcome"], "prepares");
    assert_eq!(sandbox.invoke(&warms)["outcome"], "prepares", "twice is once");
    assert!(stage.cloud.parameters().contains_key(WARMING));
    assert!(stage.cloud.calls("DeleteParameter").is_empty(), "that would say that it is prepared");
    assert!(stage.cloud.calls("CompleteLifecycleAction").is_empty());
    let gone = |name: &str| {
        let detail = json!({ "name": name, "type": "SecureString", "operation": "Delete" });
        sandbox.invoke(&bridge("Parameter Store Change", &detail))["outcome"].clone()
    };
    for other in [CONFIG, "/headroom/runners/i-00000000000000000/warming", "/somebody/elses"] {
        assert_eq!(gone(other), "ignored");
    }
    assert_eq!(gone(WARMING), "proceeds");
    assert!(stage.github.registered().is_empty());
}

#[test]
fn an_end_leaves_neither_parameter_nor_runner_and_waits_for_nobody() {
    let stage = Stage::set();
    let sandbox = stage.lifecycle();
    sandbox.invoke(&stage.launch());
    let end = stage.hook("EC2 Instance-terminate Lifecycle Action", "EC2");
    assert_eq!(sandbox.invoke(&end)["outcome"], "proceeds");
    assert_eq!((stage.cloud.parameters().len(), stage.github.runners().len()), (1, 0));
    stage.github.is_down(true);
    let end = stage.hook("EC2 Instance-terminate Lifecycle Action", "EC2");
    assert_eq!(sandbox.invoke(&end)["outcome"], "proceeds", "what is left is taken away later");
}

#[test]
fn in_a_dry_run_nothing_is_registered() {
    let stage = Stage::set();
    let sandbox = stage.function("lifecycle").var("HEADROOM_SCALER_MODE", "dry-run").start();
    assert_eq!(sandbox.invoke(&stage.launch())["outcome"], "would proceed");
    assert!(stage.github.registered().is_empty());
}

#[test]
fn what_instances_left_behind_is_taken_away_and_what_has_an_instance_is_not() {
    let stage = Stage::set();
    let hour_ago = now().as_secs() - 3600;
    let other = "/headroom/runners/i-00000000000000bad/config";
    for (name, at) in [(CONFIG, hour_ago), (other, hour_ago)] {
        stage.cloud.parameter(name, "jit", at);
    }
    stage.cloud.parameter("/headroom/runners/i-000000000000000ff/config", "jit", now().as_secs());
    let sandbox = stage.function("tick").start();
    sandbox.invoke(&schedule());
    let left: Vec<String> = stage.cloud.parameters().into_keys().collect();
    assert_eq!(left.len(), 3, "{left:?}");
    assert!(!left.iter().any(|name| name == other), "{left:?}");
    let (lines, log) = sandbox.end();
    let orphaned = lines.iter().filter_map(|line| line["ParametersOrphaned"].as_u64());
    assert_eq!(orphaned.sum::<u64>(), 1, "{log}");
}

#[test]
fn instances_that_wait_for_their_runner_are_counted_until_none_does() {
    let stage = Stage::set();
    let function = stage.function("tick");
    let at_hook = vec![ID.to_owned(), "i-0123456789abcdef1".to_owned()];
    stage.cloud.group("linux-runners", Group { desired: 2, at_hook, ..Group::default() });
    let sandbox = function.start();
    sandbox.invoke(&subscription(&[stage.cloud.webhook("linux", 1, "queued", 1)]));
    let members = vec![ID.to_owned(), "i-0123456789abcdef1".to_owned()];
    stage.cloud.group("linux-runners", Group { desired: 2, members, ..Group::default() });
    sandbox.invoke(&subscription(&[stage.cloud.webhook("linux", 2, "queued", 1)]));
    let (lines, log) = sandbox.end();
    let waiting: Vec<u64> =
        lines.iter().filter_map(|line| line["RegistrationsWaiting"].as_u64()).collect();
    assert_eq!(waiting, [2, 0], "{log}");
}

#[test]
fn an_idle_runner_is_taken_from_github_before_its_instance_ends_and_a_busy_one_stays() {
    let stage = Stage { idle_hold_secs: 0, ..Stage::set() };
    let function = stage.function("tick");
    let members: Vec<String> = (0..2).map(|n| format!("i-0000000000000000{n}")).collect();
    for (name, is_busy) in members.iter().zip([true, false]) {
        stage.github.runner(name, is_busy);
    }
    stage
        .cloud
        .group("linux-runners", Group { desired: 2, members: members.clone(), ..Group::default() });
    let sandbox = function.start();
    // Nobody has asked for them, and none is asked for: both are idle as far as webhooks tell.
    stage.cloud.until("the idle one is gone", |cloud| {
        sandbox.invoke(&schedule());
        !cloud.calls("TerminateInstanceInAutoScalingGroup").is_empty()
    });
    let ended = stage.cloud.calls("TerminateInstanceInAutoScalingGroup");
    assert!(ended.iter().all(|call| call.body["InstanceId"] == json!(members[1])), "{ended:?}");
    assert_eq!(stage.github.runners(), [members[0].clone()]);
}
