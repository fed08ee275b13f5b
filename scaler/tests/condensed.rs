//! That the short form of a large fleet is as good as the fleet itself.

use std::time::Duration;

use model::{InstanceId, Timestamp};
use proptest::prelude::*;
use scaler::{
    Avoided, Backlog, Crowd, Fleet, MEMBERS_TOLD_MAX, Member, Occasion, Outlook, Policy, Snapshot,
    Source, SpotGroup, State, Stopped, Warm, plan,
};

const NOW: Timestamp = Timestamp::from_secs(1_767_603_600);

/// States and ages of members: ages at and around the times at which something becomes due.
fn members() -> impl Strategy<Value = Vec<(State, u64)>> {
    let state = prop_oneof![
        Just(State::Booting),
        Just(State::Idle),
        Just(State::Busy),
        Just(State::Leaving),
        Just(State::Gone)
    ];
    let age = prop_oneof![0..400_u64, 118..122_u64, 298..302_u64, 598..602_u64];
    proptest::collection::vec((state, age), 0..300)
}

fn policy() -> impl Strategy<Value = Policy> {
    let max = proptest::option::of(1..300_u32);
    (max, 0..100_u32, proptest::option::of(0..200_u64)).prop_map(
        |(runners_max, runners_min, hold_secs)| Policy {
            runners_min,
            runners_max,
            stopped: Stopped::Constant { instances: 5 },
            idle_hold: hold_secs.map(Duration::from_secs),
            ..Policy::default()
        },
    )
}

fn snapshot(members: &[(State, u64)], queued: u32, occasion: Occasion) -> Snapshot {
    let member = |(n, (state, secs)): (usize, &(State, u64))| Member {
        id: InstanceId(format!("i-{n:012x}")),
        state: *state,
        since: NOW.minus(Duration::from_secs(*secs)),
        is_spot: false,
    };
    let members: Vec<Member> = members.iter().enumerate().map(member).collect();
    Snapshot {
        pool: "linux".into(),
        now: NOW,
        occasion,
        backlog: Backlog {
            as_of: NOW,
            source: Source::Jobs,
            queued,
            oldest_queued_at: (queued > 0).then_some(NOW),
            ghosts: 0,
            running: 0,
        },
        fleet: Fleet {
            as_of: NOW,
            desired: u32::try_from(members.len()).expect("few"),
            members,
            crowds: Vec::new(),
            warm: Warm::default(),
            spot: None,
            registering: 0,
        },
        outlook: Outlook::default(),
        exhausted_since: None,
        avoided: Avoided::default(),
    }
}

/// Each third one is a Spot instance.
fn mix(fleet: &mut Fleet) {
    fleet.members.iter_mut().step_by(3).for_each(|member| member.is_spot = true);
    let spot = u32::try_from(fleet.members.len().div_ceil(3)).expect("few");
    fleet.spot = Some(SpotGroup { desired: spot, members: spot, interrupted: 0 });
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_condensed_snapshot_is_decided_as_the_whole_one_was(
        members in members(),
        policy in policy(),
        queued in 0..300_u32,
        by_event in any::<bool>(),
        is_mixed in any::<bool>(),
    ) {
        let occasion = if by_event { Occasion::Event } else { Occasion::Schedule };
        let mut whole = snapshot(&members, queued, occasion);
        if is_mixed {
            mix(&mut whole.fleet);
        }
        let decided = plan(&whole, &policy);
        let short = whole.condensed(&decided, &policy);
        prop_assert_eq!(&plan(&short, &policy), &decided);
        prop_assert!(short.fleet.crowds.len() <= 8);
        let again = short.condensed(&decided, &policy);
        prop_assert_eq!(plan(&again, &policy), decided);
        if members.len() <= MEMBERS_TOLD_MAX {
            prop_assert_eq!(short, whole);
        }
    }
}

#[test]
fn ten_thousand_members_are_told_in_a_kilobyte() {
    let states = [State::Booting, State::Idle, State::Busy, State::Leaving];
    let members: Vec<_> = (0..10_000).map(|n: usize| (states[n % 4], 60)).collect();
    let whole = snapshot(&members, 7_000, Occasion::Schedule);
    let policy = Policy::default();
    let short = whole.condensed(&plan(&whole, &policy), &policy);
    let json = serde_json::to_string(&short).expect("it is plain data");
    assert!(json.len() < 2_000, "{json}");
    let idle = short.fleet.crowds.iter().find(|crowd| crowd.state == State::Idle);
    let since = NOW.minus(Duration::from_mins(1));
    assert_eq!(idle, Some(&Crowd { state: State::Idle, instances: 2_500, since }));
}

#[test]
fn a_snapshot_that_was_kept_before_there_were_crowds_can_be_read() {
    let snapshot = snapshot(&[(State::Busy, 5)], 1, Occasion::Event);
    let json = serde_json::to_value(&snapshot).expect("it is plain data");
    assert!(json["fleet"].get("crowds").is_none(), "a small fleet is told as ever");
    assert_eq!(serde_json::from_value::<Snapshot>(json).expect("it is one"), snapshot);
}
