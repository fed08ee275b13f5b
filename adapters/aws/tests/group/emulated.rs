//! The same against an emulator, over its own XML.

use std::path::Path;

use aws::{AutoScaling, Groups, Interruptions, Mixed};
use model::Timestamp;
use scaler::ports::{Busy, Group, Open};
use scaler::{Backlog, Capacity, Removal, Source, State};

use super::contract::{CLAIMS, REMOVED_TWICE, Stand};
use super::documented::AllFree;
use crate::world::World;
use crate::world::moto::Moto;

const NOW: Timestamp = Timestamp::from_secs(1_000_000);

fn emulator() -> Moto {
    Moto::start(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
}

/// A group whose instances are in service at once.
struct OnEmulator(AutoScaling);

impl Stand for OnEmulator {
    fn group(&mut self) -> &mut dyn Group {
        &mut self.0
    }

    fn now(&self) -> Timestamp {
        NOW
    }

    fn boots_end(&mut self) {}
}

#[test]
fn it_does_what_every_group_does() {
    let emulator = emulator();
    let world = World::before(&emulator, "", 0);
    for (at, (claim, check)) in CLAIMS.into_iter().enumerate() {
        // moto fails by itself where AWS answers that there is no such instance.
        if claim != REMOVED_TWICE {
            eprintln!("{claim}");
            let name = format!("linux-{at}");
            emulator.make_group(&name);
            let group = AutoScaling::named(&world.aws, &name).with_runners(Box::new(AllFree));
            check(&mut OnEmulator(group));
        }
    }
}

fn open(busy: &[Busy]) -> Open {
    let backlog = Backlog {
        as_of: NOW,
        source: Source::Jobs,
        queued: 0,
        oldest_queued_at: None,
        ghosts: 0,
        running: u32::try_from(busy.len()).unwrap(),
    };
    Open { backlog, busy: busy.to_vec() }
}

#[test]
fn a_pool_is_raised_held_ready_and_lowered_through_throttles() {
    let emulator = emulator();
    emulator.make_group("linux");
    let world = World::before(&emulator, "SetDesiredCapacity", 2);
    let mut group = AutoScaling::named(&world.aws, "linux");
    assert_eq!(group.set_desired(Capacity::of(3), NOW), Ok(()), "throttled twice, then done");
    group.set_warm(2, NOW).unwrap();
    let fleet = group.describe(&open(&[]), NOW).unwrap();
    assert_eq!((fleet.desired, fleet.members.len(), fleet.warm.size), (3, 3, 2));

    let id = fleet.members[0].id.clone();
    let job = Busy { runner: format!("linux-{}", id.0), since: NOW };
    let state = |group: &mut AutoScaling, open: &Open| {
        let fleet = group.describe(open, NOW).unwrap();
        fleet.members.into_iter().find(|member| member.id == id).map(|member| member.state)
    };
    assert_eq!(state(&mut group, &open(&[job])), Some(State::Busy));
    assert_eq!(state(&mut group, &open(&[])), Some(State::Leaving), "its runner took one job");
    let removal = Removal { id: id.clone(), deregister: false };
    assert_eq!(group.remove(&removal, NOW), Ok(true));
    assert_eq!(state(&mut group, &open(&[])), None);
    assert_eq!(group.desired(NOW), Ok(Capacity::of(2)), "its place left with it");

    let sets = world.calls().into_iter().filter(|call| call.name == "SetDesiredCapacity");
    let sets: Vec<_> = sets.map(|call| call.body["DesiredCapacity"].clone()).collect();
    assert_eq!(sets, ["3", "3", "3"]);
}

#[test]
fn an_instance_that_switched_itself_off_leaves_with_its_place() {
    let emulator = emulator();
    emulator.make_group("linux");
    let world = World::before(&emulator, "", 0);
    let mut group = AutoScaling::named(&world.aws, "linux");
    group.set_desired(Capacity::of(2), NOW).unwrap();
    let off = group.describe(&open(&[]), NOW).unwrap().members[0].id.clone();
    emulator.is_off(&off.0);
    let fleet = group.describe(&open(&[]), NOW).unwrap();
    let states: Vec<State> = fleet.members.iter().map(|member| member.state).collect();
    assert_eq!(states, [State::Gone, State::Idle]);

    let ends = |id| Removal { id, deregister: true };
    assert_eq!(group.remove(&ends(off), NOW), Ok(true), "though nobody can deregister here");
    let fleet = group.describe(&open(&[]), NOW).unwrap();
    assert_eq!((fleet.desired, fleet.members.len()), (1, 1));
    assert!(group.remove(&ends(fleet.members[0].id.clone()), NOW).is_err(), "it may get a job");
}

/// No instance was taken away.
struct Calm;

impl Interruptions for Calm {
    fn lately(&mut self, _now: Timestamp) -> u32 {
        0
    }
}

#[test]
fn two_groups_are_one_pool() {
    let emulator = emulator();
    let world = World::before(&emulator, "", 0);
    let [on_demand, spot] = ["linux", "linux-spot"].map(|name| {
        emulator.make_group(name);
        AutoScaling::named(&world.aws, name).with_runners(Box::new(AllFree))
    });
    let mut group = Mixed::new(on_demand, spot, Calm);
    let both = |on_demand, spot| Capacity { on_demand, spot };
    assert_eq!(group.desired(NOW), Ok(both(0, 0)));
    group.set_desired(both(1, 3), NOW).unwrap();
    assert_eq!(group.desired(NOW), Ok(both(1, 3)));

    // A job on a runner of another name takes one place of the pool, not one of each group.
    let job = Busy { runner: "runner-7".into(), since: NOW };
    let fleet = group.describe(&open(&[job]), NOW).unwrap();
    let busy = fleet.members.iter().filter(|member| member.state == State::Busy).count();
    assert_eq!((fleet.ordered(), fleet.there(), busy), (both(1, 3), both(1, 3), 1));

    for (is_spot, left) in [(true, both(1, 2)), (false, both(0, 2))] {
        let one = fleet.members.iter().find(|member| member.is_spot == is_spot).unwrap();
        let removal = Removal { id: one.id.clone(), deregister: true };
        assert_eq!(group.remove(&removal, NOW), Ok(true));
        assert_eq!(group.desired(NOW), Ok(left), "its place left with it, in its own group");
    }
    group.set_desired(both(2, 2), NOW).unwrap();
    group.set_desired(both(3, 2), NOW).unwrap();
    let sets = world.calls().into_iter().filter(|call| call.name == "SetDesiredCapacity");
    let names: Vec<_> = sets.map(|call| call.body["AutoScalingGroupName"].clone()).collect();
    assert_eq!(names, ["linux", "linux-spot", "linux", "linux"], "what is right is left alone");
}

/// Adds the hook that holds up what starts, and the tag of a pool.
fn as_the_template_has_it(emulator: &Moto, name: &str) {
    emulator.ask(
        "PutLifecycleHook",
        &[
            ("AutoScalingGroupName", name),
            ("LifecycleHookName", "headroom-launching"),
            ("LifecycleTransition", "autoscaling:EC2_INSTANCE_LAUNCHING"),
            ("HeartbeatTimeout", "300"),
        ],
    );
    emulator.ask(
        "CreateOrUpdateTags",
        &[
            ("Tags.member.1.ResourceId", name),
            ("Tags.member.1.ResourceType", "auto-scaling-group"),
            ("Tags.member.1.Key", aws::POOL_TAG),
            ("Tags.member.1.Value", "linux"),
            ("Tags.member.1.PropagateAtLaunch", "true"),
        ],
    );
    emulator.ask(
        "SuspendProcesses",
        &[("AutoScalingGroupName", name), ("ScalingProcesses.member.1", "AZRebalance")],
    );
}

#[test]
fn how_a_group_is_set_up_is_told_of_those_that_are_named_or_have_the_tag() {
    let emulator = emulator();
    emulator.make_group("other");
    emulator.make_group("linux");
    as_the_template_has_it(&emulator, "linux");
    let world = World::before(&emulator, "", 0);
    let groups = Groups::of(&world.aws);
    let found = groups.facts(&[]).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    let linux = &found[0];
    assert_eq!((linux.name.as_str(), linux.min, linux.is_protected), ("linux", 0, true));
    assert!(linux.suspended.contains("AZRebalance") && linux.suspended.len() == 1, "{linux:?}");
    let hook = &linux.hooks[0];
    assert!(hook.is_at_launch && hook.timeout_secs == 300, "{hook:?}");
    let named = groups.facts(&["other".to_owned(), "gone".to_owned()]).unwrap();
    assert_eq!((named.len(), named[0].name.as_str(), named[0].hooks.len()), (1, "other", 0));
}
