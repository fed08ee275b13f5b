//! AWS that throttles, fails or does not answer.

use std::time::{Duration, Instant};

use crate::world::cloud::Fault;
use crate::world::{Cloud, Function, subscription};

#[test]
fn a_group_that_fails_throttles_or_hangs_holds_up_no_other() {
    for fault in [Fault::Throttled, Fault::Fails, Fault::Hangs] {
        let cloud = Cloud::start();
        let function = Function::tick(&cloud, &["bad", "good"]);
        cloud.fault("DescribeAutoScalingGroups", "bad-runners", fault);
        let lines = [cloud.webhook("bad", 1, "queued", 1), cloud.webhook("good", 2, "queued", 1)];
        let sandbox = function.start();
        let begun = Instant::now();
        std::thread::scope(|scope| {
            let all = scope.spawn(|| sandbox.invoke(&subscription(&lines)));
            cloud.until("the other is decided", |cloud| cloud.desired("good-runners") == 1);
            assert!(begun.elapsed() < Duration::from_secs(3), "{fault:?}: {:?}", begun.elapsed());
            assert_eq!(all.join().unwrap()["troubles"], 1, "{fault:?}");
        });
        assert_eq!(cloud.desired("bad-runners"), 0);
        cloud.recovers();
        sandbox.invoke(&subscription(&[cloud.webhook("bad", 3, "queued", 0)]));
        assert_eq!(cloud.desired("bad-runners"), 2);
        let (lines, log) = sandbox.end();
        let failures = lines.iter().filter(|line| line["ScalerFailures"] == 1);
        assert_eq!(failures.map(|line| &line["Pool"]).collect::<Vec<_>>(), ["bad"], "{log}");
        let held = |line: &&serde_json::Value| line["Reason"] == "fleet_too_old";
        assert_eq!(lines.iter().filter(held).count(), 1, "{log}");
        assert!(log.contains("DescribeAutoScalingGroups"), "{log}");
    }
}

#[test]
fn what_cannot_be_set_is_told_and_set_by_the_next_look() {
    let cloud = Cloud::start();
    let function = Function::tick(&cloud, &["linux"]);
    cloud.fault("SetDesiredCapacity", "", Fault::Throttled);
    let line = cloud.webhook("linux", 1, "queued", 1);
    let sandbox = function.start();
    assert_eq!(sandbox.invoke(&subscription(std::slice::from_ref(&line)))["troubles"], 1);
    assert!(cloud.calls("SetDesiredCapacity").len() > 1, "it was tried again");
    cloud.recovers();
    sandbox.invoke(&subscription(&[cloud.webhook("linux", 2, "queued", 0)]));
    assert_eq!(cloud.desired("linux-runners"), 2);
}

#[test]
fn without_the_log_group_nothing_is_decided_until_it_is_there() {
    let cloud = Cloud::start();
    let function = Function::tick(&cloud, &["linux"]);
    cloud.fault("FilterLogEvents", "", Fault::Fails);
    let line = cloud.webhook("linux", 1, "queued", 1);
    let sandbox = function.start();
    sandbox.invoke(&subscription(&[line]));
    assert_eq!(cloud.desired("linux-runners"), 0);
    cloud.recovers();
    sandbox.invoke(&subscription(&[cloud.webhook("linux", 2, "queued", 0)]));
    assert_eq!(cloud.desired("linux-runners"), 2);
    let (lines, log) = sandbox.end();
    let held = |line: &&serde_json::Value| line["Reason"] == "jobs_too_old";
    assert_eq!(lines.iter().filter(held).count(), 1, "{log}");
}
