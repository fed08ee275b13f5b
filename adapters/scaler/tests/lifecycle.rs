//! Hooks, ends and Spot notices.

use serde_json::{Value, json};

use crate::world::cloud::Fault;
use crate::world::{Cloud, Function, Group, Outcome, bridge, schedule};

const ID: &str = "i-0123456789abcdef0";

fn hook(kind: &str) -> Value {
    bridge(
        kind,
        &json!({ "LifecycleActionToken": "t", "AutoScalingGroupName": "linux-runners",
        "LifecycleHookName": "headroom-terminating", "EC2InstanceId": ID, "Destination": "EC2" }),
    )
}

const END: &str = "EC2 Instance-terminate Lifecycle Action";

fn function(cloud: &Cloud) -> Function {
    let function = Function::tick(cloud, &["linux"]).var("HEADROOM_ROLE", "lifecycle");
    let group = Group { members: vec![ID.to_owned()], ..Group::default() };
    cloud.group("linux-runners", group);
    function.var("HEADROOM_INGEST_LOG_GROUP", "")
}

#[test]
fn an_end_goes_on_at_once_and_twice_is_once() {
    let cloud = Cloud::start();
    let sandbox = function(&cloud).start();
    cloud.waits(ID);
    assert_eq!(sandbox.invoke(&hook(END))["outcome"], "proceeds");
    assert_eq!(sandbox.invoke(&hook(END))["outcome"], "waits no longer");
    let calls = cloud.calls("CompleteLifecycleAction");
    assert_eq!(calls[0].body["LifecycleActionResult"], "CONTINUE");
    let launch = sandbox.invoke(&hook("EC2 Instance-launch Lifecycle Action"));
    assert_eq!(launch["outcome"], "left to the instance");
    assert_eq!(cloud.calls("CompleteLifecycleAction").len(), 2);
}

#[test]
fn a_hook_that_cannot_be_answered_fails_so_that_it_comes_again() {
    let cloud = Cloud::start();
    let sandbox = function(&cloud).start();
    cloud.waits(ID);
    cloud.fault("CompleteLifecycleAction", "", Fault::Throttled);
    let outcome = sandbox.outcome(hook(END).to_string().as_bytes());
    assert!(matches!(&outcome, Outcome::Error(text) if text.contains("throttled")), "{outcome:?}");
    cloud.recovers();
    assert_eq!(sandbox.invoke(&hook(END))["outcome"], "proceeds");
}

#[test]
fn in_a_dry_run_no_hook_is_answered() {
    let cloud = Cloud::start();
    let sandbox = function(&cloud).var("HEADROOM_SCALER_MODE", "dry-run").start();
    assert_eq!(sandbox.invoke(&hook(END))["outcome"], "would proceed");
    assert!(cloud.calls("CompleteLifecycleAction").is_empty());
}

#[test]
fn an_interruption_is_counted_once_for_its_pool_and_others_are_passed_over() {
    let cloud = Cloud::start();
    let sandbox = function(&cloud).start();
    let warned = |id: &str| {
        let detail = json!({ "instance-id": id, "instance-action": "terminate" });
        bridge("EC2 Spot Instance Interruption Warning", &detail)
    };
    let rebalance = bridge("EC2 Instance Rebalance Recommendation", &json!({ "instance-id": ID }));
    assert_eq!(sandbox.invoke(&rebalance)["outcome"], "noted");
    assert_eq!(sandbox.invoke(&warned(ID))["outcome"], "counted");
    assert_eq!(sandbox.invoke(&warned(ID))["outcome"], "known");
    assert_eq!(sandbox.invoke(&warned("i-00000000"))["outcome"], "ignored");
    for kind in ["EC2 Instance Terminate Successful", "EC2 Instance Launch Unsuccessful"] {
        let told = bridge(kind, &json!({ "EC2InstanceId": ID, "Cause": "x" }));
        assert_eq!(sandbox.invoke(&told)["outcome"], "noted");
    }
    let refused = sandbox.outcome(schedule().to_string().as_bytes());
    assert!(matches!(refused, Outcome::Error(_)), "{refused:?}");
    let (lines, log) = sandbox.end();
    assert_eq!(lines.len(), 1, "{log}");
    assert_eq!((&lines[0]["SpotInterruptions"], &lines[0]["Pool"]), (&json!(1), &json!("linux")));
}
