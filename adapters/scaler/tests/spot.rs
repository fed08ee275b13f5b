//! A pool of two groups: On-Demand instances, and Spot instances beside them.

use serde_json::{Value, json};

use crate::world::{Cloud, Function, Group, now, schedule, subscription};

fn mixed(cloud: &Cloud) -> Function {
    cloud.group("linux-spot", Group::default());
    let pools = json!([{ "name": "linux", "labels": ["linux"], "group": "linux-runners",
                         "spot_group": "linux-spot", "policy":
                         { "runners_max": 10, "stopped": "none", "spot": { "share": 0.7 } } }]);
    Function::tick(cloud, &["linux"]).var("HEADROOM_POOLS", &pools.to_string())
}

fn desired(cloud: &Cloud) -> (u32, u32) {
    (cloud.desired("linux-runners"), cloud.desired("linux-spot"))
}

#[test]
fn new_instances_come_from_both_groups_and_the_limit_is_for_both() {
    let cloud = Cloud::start();
    let sandbox = mixed(&cloud).start();
    let queued = |jobs: std::ops::Range<u64>| {
        let line = |job| cloud.webhook("linux", job, "queued", 1);
        sandbox.invoke(&subscription(&jobs.map(line).collect::<Vec<_>>()));
        desired(&cloud)
    };
    assert_eq!(queued(0..4), (1, 3));
    assert_eq!(queued(4..12), (3, 7));

    let (lines, log) = sandbox.end();
    assert!(log.contains("set desired to 10 (now 4), 7 of it Spot (now 3)"), "{log}");
    let told = |name: &str| lines.iter().rev().find_map(|line| line[name].as_u64());
    assert_eq!((told("RunnersDesired"), told("RunnersSpot")), (Some(10), Some(0)));
}

#[test]
fn where_spot_instances_are_taken_away_the_next_are_on_demand() {
    let cloud = Cloud::start();
    let minute = now().as_secs().div_euclid(60) * 60;
    cloud.hours(&[(minute - 120, 2.0), (minute - 60, 3.0)]);
    let sandbox = mixed(&cloud).start();
    for job in 0..4 {
        cloud.webhook("linux", job, "queued", 1);
    }
    sandbox.invoke(&schedule());
    assert_eq!(desired(&cloud), (4, 0));
    let asked = cloud.calls("GetMetricData");
    let names = |call: &Value| call["MetricDataQueries"][0]["MetricStat"]["Metric"].clone();
    let of_spot = asked.iter().map(|call| names(&call.body));
    let of_spot: Vec<Value> =
        of_spot.filter(|metric| metric["MetricName"] == "SpotInterruptions").collect();
    assert_eq!(of_spot.len(), 1, "once a minute: {of_spot:?}");
    assert_eq!(of_spot[0]["Dimensions"], json!([{ "Name": "Pool", "Value": "linux" }]));
    let (_, log) = sandbox.end();
    assert!(log.contains("AWS took 5 Spot instances away in ten minutes"), "{log}");
}

#[test]
fn the_spot_groups_instances_are_the_pools_too() {
    let cloud = Cloud::start();
    let hook = json!({ "LifecycleActionToken": "t", "AutoScalingGroupName": "linux-spot",
        "LifecycleHookName": "headroom-ending", "EC2InstanceId": "i-00000001",
        "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING" });
    cloud.waits("i-00000001");
    let lifecycle = mixed(&cloud).var("HEADROOM_ROLE", "lifecycle").start();
    let kind = "EC2 Instance-terminate Lifecycle Action";
    assert_eq!(lifecycle.invoke(&crate::world::bridge(kind, &hook))["outcome"], "proceeds");
}
