//! What comes while the scheduled loop runs, and what only raises.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::world::{Cloud, Function, Group, Outcome, alarm, bridge, schedule, subscription};

/// Within which a queued job or an alarm is to be decided.
const DECIDED: Duration = Duration::from_secs(3);

#[test]
fn a_queued_job_and_an_alarm_are_decided_while_the_scheduled_loop_runs() {
    let cloud = Cloud::start();
    // The loop looks once in its time: what is decided meanwhile is decided by others.
    let function = Function::tick(&cloud, &["linux", "gpu"]).var("HEADROOM_TICK_SECS", "4");
    let (scheduled, queued, alarmed) = (function.start(), function.start(), function.start());
    let running = thread::spawn(move || (scheduled.invoke(&schedule()), Instant::now()));
    cloud.until("the loop has looked", |cloud| cloud.calls("PutLogEvents").len() == 1);

    let begun = Instant::now();
    queued.invoke(&subscription(&[cloud.webhook("linux", 1, "queued", 0)]));
    assert_eq!(cloud.desired("linux-runners"), 1);
    assert!(begun.elapsed() < DECIDED, "{:?}", begun.elapsed());

    let begun = Instant::now();
    cloud.webhook("gpu", 2, "queued", 1);
    alarmed.invoke(&alarm("gpu", "headroom-gpu-queue-without-capacity", "ALARM"));
    assert_eq!(cloud.desired("gpu-runners"), 1);
    assert!(begun.elapsed() < DECIDED, "{:?}", begun.elapsed());

    let decided = Instant::now();
    let (_, ended) = running.join().unwrap();
    assert!(ended > decided, "the loop still ran");
}

#[test]
fn an_event_raises_and_never_lowers() {
    let cloud = Cloud::start();
    let function = Function::tick(&cloud, &["linux"]);
    let members = (0..5).map(|n| format!("i-{n:08x}")).collect();
    cloud.group("linux-runners", Group { desired: 5, members, ..Group::default() });
    let sandbox = function.start();
    let line = cloud.webhook("linux", 1, "queued", 1);
    let done = cloud.webhook("linux", 1, "completed", 0);
    sandbox.invoke(&subscription(&[line, done]));
    sandbox.invoke(&alarm("linux", "headroom-linux-pool-exhausted", "OK"));
    assert_eq!(cloud.desired("linux-runners"), 5);
    for call in ["SetDesiredCapacity", "TerminateInstanceInAutoScalingGroup"] {
        assert!(cloud.calls(call).is_empty(), "{call}");
    }
}

#[test]
fn while_the_exhaustion_alarm_fires_the_ceiling_is_lifted() {
    let cloud = Cloud::start();
    let pools = json!([{ "name": "linux", "labels": ["linux"], "group": "linux-runners",
                         "policy": { "runners_max": 2, "runners_max_exhausted": 4 } }]);
    let function = Function::tick(&cloud, &["linux"]).var("HEADROOM_POOLS", &pools.to_string());
    let lines: Vec<String> = (1..=3).map(|job| cloud.webhook("linux", job, "queued", 1)).collect();
    let sandbox = function.start();
    sandbox.invoke(&subscription(&lines));
    assert_eq!(cloud.desired("linux-runners"), 2);
    sandbox.invoke(&alarm("linux", "headroom-linux-pool-exhausted", "ALARM"));
    assert_eq!(cloud.desired("linux-runners"), 3);
    // Another sandbox asks how the alarm stands.
    cloud.group("linux-runners", Group::default());
    cloud.fires("headroom-linux-pool-exhausted");
    function.start().invoke(&schedule());
    assert_eq!(cloud.desired("linux-runners"), 3);
}

#[test]
fn what_is_no_event_fails_its_own_invocation_alone() {
    let cloud = Cloud::start();
    let sandbox = Function::tick(&cloud, &["linux"]).start();
    let too_deep = "[".repeat(100_000);
    let hook = bridge("EC2 Instance-launch Lifecycle Action", &json!({})).to_string();
    for bytes in [
        &b""[..],
        b"{",
        b"null",
        b"{\"awslogs\":{\"data\":\"%\"}}",
        b"{\"awslogs\":{\"data\":\"e30=\"}}",
        b"{\"alarmData\":{}}",
        too_deep.as_bytes(),
        hook.as_bytes(),
    ] {
        let outcome = sandbox.outcome(bytes);
        assert!(matches!(outcome, Outcome::Error(_)), "{outcome:?}");
    }
    let lines = [String::new(), "START".to_owned(), "{\"_aws\":{\"Timestamp\":1".to_owned()];
    sandbox.invoke(&subscription(&lines));
    sandbox.invoke(&subscription(&[cloud.webhook("linux", 1, "queued", 0)]));
    assert_eq!(cloud.desired("linux-runners"), 1);
}
