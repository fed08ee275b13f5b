//! A pool's group is set in absolute numbers, within its bounds, and says what it could not do.

use std::collections::BTreeMap;

use aws::{AutoScaling, CallError, Freed, Hooks, Launches, Runners, Verdict, Waiting};
use model::{InstanceId, Timestamp};
use scaler::ports::{Busy, Group, Jobs, Open, Trouble};
use scaler::{Backlog, Capacity, Occasion, Policy, Removal, Scaler, Source, State, Warm};

use super::answers::{HAS_WARM_POOL, bounded, group, groups, instances, told, warm, warm_of};
use crate::world::{Call, TRIES, World, refused};

const NOW: Timestamp = Timestamp::from_secs(1_000_000);
const A: &str = "i-0123456789abcdef0";
const B: &str = "i-0123456789abcdef1";

fn open(queued: u32) -> Open {
    let oldest_queued_at = (queued > 0).then_some(NOW);
    let backlog = Backlog {
        as_of: NOW,
        source: Source::Jobs,
        queued,
        oldest_queued_at,
        ghosts: 0,
        running: 0,
    };
    Open { backlog, busy: Vec::new() }
}

fn linux(world: &World) -> AutoScaling {
    AutoScaling::named(&world.aws, "linux")
}

fn names(calls: &[Call]) -> Vec<&str> {
    calls.iter().map(|call| call.name.as_str()).collect()
}

#[test]
fn members_are_what_the_group_counts_and_stopped_ones_stand_beside_them() {
    let all = [
        (A, "InService"),
        (B, "Pending:Wait"),
        ("i-00000003", "Terminating:Wait"),
        ("i-00000004", "Standby"),
    ];
    let pool = [("i-00000005", "Warmed:Stopped"), ("i-00000006", "Warmed:Pending:Wait")];
    let world = World::answers([
        group(2, &all, HAS_WARM_POOL),
        warm(3, &pool, "<NextToken>more</NextToken>"),
        warm(3, &[("i-00000007", "Warmed:Stopped"), ("i-00000008", "Warmed:Terminating")], ""),
    ]);
    let fleet = linux(&world).describe(&open(0), NOW).unwrap();
    let members: Vec<_> = fleet.members.iter().map(|m| (m.id.0.as_str(), m.state)).collect();
    assert_eq!(members, [(A, State::Idle), (B, State::Booting)]);
    assert_eq!((fleet.desired, fleet.as_of), (2, NOW));
    assert_eq!(fleet.warm, Warm { size: 3, stopped: 2, preparing: 1 });
    assert_eq!(world.calls()[2].body["NextToken"], "more");
}

#[test]
fn a_group_without_a_warm_pool_is_described_by_one_call() {
    let world = World::answers([group(0, &[], "")]);
    let fleet = linux(&world).describe(&open(0), NOW).unwrap();
    assert_eq!((fleet.warm, fleet.members.len()), (Warm::default(), 0));
    assert_eq!(world.calls()[0].body["AutoScalingGroupNames.member.1"], "linux");
}

#[test]
fn pages_make_one_group() {
    let members = |id| groups(2, &[(id, "InService")], "");
    let first = members(A) + "<NextToken>more</NextToken>";
    let world = World::answers([
        told("DescribeAutoScalingGroups", &first),
        told("DescribeAutoScalingGroups", &members(B)),
    ]);
    let fleet = linux(&world).describe(&open(0), NOW).unwrap();
    assert_eq!((fleet.members.len(), fleet.desired), (2, 2));
    assert_eq!(world.calls()[1].body["NextToken"], "more");
}

#[test]
fn a_capacity_is_set_without_cooldown_and_within_the_bounds() {
    let set = || told("SetDesiredCapacity", "");
    let world = World::answers([group(2, &[], ""), set(), set()]);
    let mut group = linux(&world);
    assert_eq!(group.set_desired(Capacity::of(7), NOW), Ok(()));
    let trouble = group.set_desired(Capacity::of(12), NOW).unwrap_err();
    assert_eq!(
        trouble.to_string(),
        "setting the desired capacity: 12 was wanted, and linux allows 0 to 10: 10 was set"
    );
    let calls = world.calls();
    let set: Vec<_> = calls[1..].iter().map(|call| &call.body).collect();
    assert_eq!([&set[0]["DesiredCapacity"], &set[1]["DesiredCapacity"]], ["7", "10"]);
    assert_eq!(set[0]["HonorCooldown"], "false");
}

#[test]
fn a_capacity_below_the_minimum_is_not_asked_for() {
    let described = told("DescribeAutoScalingGroups", &bounded((2, 10), 4, &[], ""));
    let world = World::answers([described, told("SetDesiredCapacity", "")]);
    let trouble = linux(&world).set_desired(Capacity::of(0), NOW).unwrap_err();
    assert_eq!(trouble.because, "0 was wanted, and linux allows 2 to 10: 2 was set");
    assert_eq!(world.calls()[1].body["DesiredCapacity"], "2");
}

#[test]
fn instances_without_protection_are_not_left_to_the_choice_of_aws() {
    let all = [(A, "InService"), (B, "InService")];
    let bare = instances(&all).replacen(">true<", ">false<", 1);
    let bare = groups(2, &all, "").replace(&instances(&all), &bare);
    // Protection starts with the service, and a runner may have its job before.
    let launched = groups(2, &[(A, "InService"), (B, "Pending:Wait")], "");
    for described in [bare, launched] {
        let world = World::of(move |call| match call.name.as_str() {
            "DescribeAutoScalingGroups" => told(&call.name, &described),
            name => told(name, ""),
        });
        let mut group = linux(&world);
        let trouble = group.set_desired(Capacity::of(1), NOW).unwrap_err().to_string();
        assert!(trouble.contains("1 of linux are still launched or not protected"), "{trouble}");
        assert_eq!(names(&world.calls()), ["DescribeAutoScalingGroups"]);
        assert_eq!(group.set_desired(Capacity::of(2), NOW), Ok(()), "nothing ends by this");
    }
}

#[test]
fn an_order_is_not_taken_back_while_another_instance_is_launched() {
    for (state, is_set) in [("Pending:Wait", false), ("InService", true)] {
        let world = World::answers([group(2, &[(A, state)], ""), told("SetDesiredCapacity", "")]);
        assert_eq!(linux(&world).set_desired(Capacity::of(1), NOW), Ok(()));
        assert_eq!(names(&world.calls()).contains(&"SetDesiredCapacity"), is_set, "{state}");
    }
}

#[test]
fn a_warm_pool_without_an_upper_bound_is_as_large_as_the_group_leaves_room() {
    for (prepared, aimed_at) in [("-1", 7), ("6", 3), ("2", 2), ("0", 2)] {
        let world = World::answers([group(3, &[], HAS_WARM_POOL), warm_of(2, prepared, &[], "")]);
        let fleet = linux(&world).describe(&open(0), NOW).unwrap();
        assert_eq!(fleet.warm.size, aimed_at, "{prepared}");
    }
}

#[test]
fn a_warm_pool_is_always_of_an_absolute_size() {
    let world = World::answers([told("PutWarmPool", ""), told("PutWarmPool", "")]);
    let mut group = linux(&world);
    group.set_warm(4, NOW).unwrap();
    group.set_warm(0, NOW).unwrap();
    for (call, size) in world.calls().iter().zip(["4", "0"]) {
        let body = &call.body;
        assert_eq!([&body["MinSize"], &body["MaxGroupPreparedCapacity"]], [size, size]);
        assert_eq!(body["PoolState"], "Stopped");
        assert_eq!(body["InstanceReusePolicy.ReuseOnScaleIn"], "false");
    }
}

/// GitHub, where one runner is free, one busy, and all others have names of their own.
struct Known {
    free: &'static str,
    busy: &'static str,
}

impl Runners for Known {
    fn deregister(&self, id: &InstanceId, _: Timestamp) -> Result<Freed, Trouble> {
        Ok(match id.0.as_str() {
            free if free == self.free => Freed::Yes,
            busy if busy == self.busy => Freed::Busy,
            _ => Freed::Nameless,
        })
    }

    fn absent_at(&self, _: &InstanceId) -> Option<Timestamp> {
        None
    }
}

fn removal(id: &str, deregister: bool) -> Removal {
    Removal { id: InstanceId(id.into()), deregister }
}

#[test]
fn an_instance_ends_with_its_place_once_its_runner_is_free() {
    let world = World::of(|call| told(&call.name, ""));
    let mut group = linux(&world).with_runners(Box::new(Known { free: A, busy: B }));
    assert_eq!(group.remove(&removal(B, true), NOW), Ok(false), "it has a job");
    assert!(world.calls().is_empty());
    assert_eq!(group.remove(&removal(A, true), NOW), Ok(true));
    let body = &world.calls()[0].body;
    assert_eq!([&body["InstanceId"], &body["ShouldDecrementDesiredCapacity"]], [A, "true"]);
}

/// Runners of other names have jobs of which nobody can tell where they run.
#[test]
fn an_instance_without_a_runner_of_its_name_is_ended_only_if_it_cannot_have_a_job() {
    let world = World::of(|call| match call.name.as_str() {
        "DescribeAutoScalingGroups" => group(2, &[(A, "InService"), (B, "Pending")], ""),
        name => told(name, ""),
    });
    for (runner, may_have_one) in [("ip-10-0-1-7", true), (B, false), ("", false)] {
        let mut group = linux(&world).with_runners(Box::new(Known { free: "", busy: "" }));
        let busy = vec![Busy { runner: runner.into(), since: NOW }];
        group.describe(&Open { busy, ..open(0) }, NOW).unwrap();
        // What was seen once may be again.
        group.describe(&open(0), NOW).unwrap();
        let of_idle = group.remove(&removal(A, true), NOW);
        assert_eq!(of_idle.is_err(), may_have_one, "{runner}: {of_idle:?}");
        if let Err(trouble) = of_idle {
            let told = trouble.to_string();
            assert!(told.contains(A) && told.contains("ids of their instances"), "{told}");
        }
        assert_eq!(group.remove(&removal(B, true), NOW), Ok(true), "no member yet, or it had one");
    }
}

#[test]
fn a_runner_that_nobody_can_deregister_is_never_ended() {
    let world = World::of(|call| told(&call.name, ""));
    let mut group = linux(&world);
    let trouble = group.remove(&removal(A, true), NOW).unwrap_err().to_string();
    assert!(trouble.contains(A) && trouble.contains("deregister"), "{trouble}");
    assert!(world.calls().is_empty());
    assert_eq!(group.remove(&removal(A, false), NOW), Ok(true), "its job is over");
}

#[test]
fn an_instance_that_is_gone_is_removed() {
    let said = "Instance Id not found - No managed instance found for instance ID: i-1";
    let world = World::of(move |_| refused("ValidationError", said));
    assert_eq!(linux(&world).remove(&removal(A, false), NOW), Ok(true));
}

#[test]
fn a_minimum_that_keeps_an_instance_is_named() {
    let said = "Currently, desiredSize equals minSize (3). Terminating instance without \
                replacement will violate group's min size constraint. Either set \
                shouldDecrementDesiredCapacity flag to false or lower group's min size.";
    let world = World::of(move |_| refused("ValidationError", said));
    let trouble = linux(&world).remove(&removal(A, false), NOW).unwrap_err().to_string();
    assert!(trouble.contains(said), "{trouble}");
    assert!(
        trouble.ends_with("a group whose minimum is 0: it is the scaler that keeps runners_min")
    );
}

#[test]
fn a_group_that_is_not_there_is_named() {
    let nothing = told("DescribeAutoScalingGroups", "<AutoScalingGroups/>");
    let trouble = linux(&World::answers([nothing])).describe(&open(0), NOW).unwrap_err();
    assert_eq!(trouble.because, "there is no Auto Scaling group linux in eu-west-1");
}

#[test]
fn a_missing_permission_is_named() {
    let said = "User: u is not authorized to perform: autoscaling:SetDesiredCapacity";
    let world = World::of(move |call| match call.name.as_str() {
        "SetDesiredCapacity" => refused("AccessDenied", said),
        _ => group(1, &[], ""),
    });
    let trouble = linux(&world).set_desired(Capacity::of(2), NOW).unwrap_err();
    assert!(trouble.because.contains("the IAM action autoscaling:SetDesiredCapacity"), "{trouble}");
}

/// Jobs that wait, and no history.
struct Queue(u32);

impl Jobs for Queue {
    fn open(&mut self, _names_max: u32, _now: Timestamp) -> Result<Open, Trouble> {
        Ok(open(self.0))
    }

    fn history(&mut self, _take: &mut dyn FnMut(Timestamp)) -> Result<(), Trouble> {
        Ok(())
    }

    fn arrived(&mut self) -> Result<Vec<Timestamp>, Trouble> {
        Ok(Vec::new())
    }
}

#[test]
fn a_throttled_group_holds_with_a_reason() {
    let world = World::of(|_| refused("Throttling", "Rate exceeded"));
    let mut scaler = Scaler::new("linux", Policy::default(), None);
    let mut group = linux(&world);
    let decision = scaler.tick(&mut Queue(3), &mut group, Occasion::Schedule, NOW);
    assert_eq!(decision.plan.main_reason().unwrap().word(), "fleet_too_old", "{decision:?}");
    assert_eq!(decision.troubles.len(), 1);
    assert!(decision.troubles[0].because.contains("throttled: Rate exceeded"), "{decision:?}");
    assert_eq!(world.calls().len(), TRIES as usize, "each try was made, and nothing was set");
}

#[test]
fn three_jobs_that_wait_raise_the_group_by_three() {
    let world = World::of(|call| match call.name.as_str() {
        "DescribeAutoScalingGroups" => group(1, &[(A, "Pending")], ""),
        name => told(name, ""),
    });
    let mut scaler = Scaler::new("linux", Policy::default(), None);
    let mut group = linux(&world);
    let decision = scaler.tick(&mut Queue(4), &mut group, Occasion::Event, NOW);
    assert!(decision.troubles.is_empty() && decision.is_real, "{decision:?}");
    let calls = world.calls();
    let set = calls.iter().find(|call| call.name == "SetDesiredCapacity").unwrap();
    assert_eq!(set.body["DesiredCapacity"], "4", "{:?}", names(&calls));
}

#[test]
fn two_throttles_are_outlasted() {
    let throttled = || refused("Throttling", "Rate exceeded");
    let set = told("SetDesiredCapacity", "");
    let world = World::answers([group(0, &[], ""), throttled(), throttled(), set]);
    assert_eq!(linux(&world).set_desired(Capacity::of(3), NOW), Ok(()));
    let calls = world.calls();
    assert_eq!(names(&calls)[1..], ["SetDesiredCapacity"; 3]);
    assert!(calls[1..].iter().all(|call| call.body["DesiredCapacity"] == "3"));
}

#[test]
fn a_group_that_fails_leaves_others_alone() {
    let world = World::of(|call| {
        let is_linux = call.body.to_string().contains("linux");
        match call.name.as_str() {
            _ if !is_linux => refused("AccessDenied", "no"),
            "DescribeAutoScalingGroups" => group(1, &[], ""),
            name => told(name, ""),
        }
    });
    let mut other = AutoScaling::named(&world.aws, "windows");
    assert!(other.describe(&open(0), NOW).is_err());
    assert_eq!(linux(&world).set_desired(Capacity::of(2), NOW), Ok(()));
}

const HOOK: &str = "headroom-terminating";

fn answered(world: &World, verdict: Verdict) -> Result<bool, CallError> {
    let id = InstanceId(A.into());
    let waiting = Waiting { group: "linux", hook: HOOK, id: &id, token: Some("t-1") };
    Hooks::of(&world.aws).answer(waiting, verdict)
}

#[test]
fn a_hook_is_answered_by_its_token() {
    for (verdict, word) in [(Verdict::Continue, "CONTINUE"), (Verdict::Abandon, "ABANDON")] {
        let world = World::of(|call| told(&call.name, ""));
        assert_eq!(answered(&world, verdict), Ok(true));
        let call = &world.calls()[0];
        assert_eq!(call.name, "CompleteLifecycleAction");
        let said = ["AutoScalingGroupName", "LifecycleHookName", "InstanceId"];
        assert_eq!(said.map(|name| &call.body[name]), ["linux", HOOK, A]);
        assert_eq!(call.body["LifecycleActionToken"], "t-1");
        assert_eq!(call.body["LifecycleActionResult"], word);
    }
}

#[test]
fn a_hook_that_waits_no_more_was_answered() {
    for said in [
        "No active Lifecycle Action found with token t-1",
        "No active Lifecycle Action found with instance ID i-0123456789abcdef0",
    ] {
        let world = World::of(move |_| refused("ValidationError", said));
        assert_eq!(answered(&world, Verdict::Continue), Ok(false), "{said}");
    }
    let world = World::of(|_| refused("ValidationError", "AutoScalingGroup name not found"));
    let error = answered(&world, Verdict::Continue).unwrap_err().to_string();
    assert!(error.starts_with("autoscaling:CompleteLifecycleAction: "), "{error}");
}

/// An EC2 that knows one of them.
struct Knows(&'static str, Timestamp);

impl Launches for Knows {
    fn launched(&self, ids: &[InstanceId]) -> Result<BTreeMap<InstanceId, Timestamp>, CallError> {
        let known = ids.iter().filter(|id| id.0 == self.0);
        Ok(known.map(|id| (id.clone(), self.1)).collect())
    }
}

#[test]
fn a_boot_counts_from_its_launch_where_somebody_knows_it() {
    let world = World::of(|_| group(2, &[(A, "Pending"), (B, "Pending")], ""));
    let launched_at = Timestamp::from_secs(999_900);
    let mut group = linux(&world).with_launches(Box::new(Knows(A, launched_at)));
    let fleet = group.describe(&open(0), NOW).unwrap();
    let since: Vec<Timestamp> = fleet.members.iter().map(|member| member.since).collect();
    assert_eq!(since, [launched_at, NOW]);
}
