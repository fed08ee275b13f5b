//! What the level rule claims, one fleet at a time.

use std::time::Duration;

use model::{InstanceId, Timestamp};
use scaler::{
    Avoided, Backlog, Fleet, Hot, Member, Occasion, Outlook, Plan, Policy, Snapshot, Source, State,
    Stopped, Warm, Window, plan,
};

/// A Monday, nine o'clock.
const NOW: Timestamp = Timestamp::from_secs(1_767_603_600);

fn ago(secs: u64) -> Timestamp {
    NOW.minus(Duration::from_secs(secs))
}

/// A pool with so many queued jobs and these members, each so many seconds in its state.
fn pool(queued: u32, members: &[(State, u64)]) -> Snapshot {
    let member = |(n, (state, secs)): (usize, &(State, u64))| Member {
        id: InstanceId(format!("i-{n}")),
        state: *state,
        since: ago(*secs),
        is_spot: false,
    };
    let members: Vec<Member> = members.iter().enumerate().map(member).collect();
    let busy = members.iter().filter(|member| member.state == State::Busy).count();
    Snapshot {
        pool: "linux".into(),
        now: NOW,
        occasion: Occasion::Schedule,
        backlog: Backlog {
            as_of: NOW,
            source: Source::Jobs,
            queued,
            oldest_queued_at: (queued > 0).then(|| ago(5)),
            ghosts: 0,
            running: u32::try_from(busy).expect("few"),
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

fn no_stock() -> Policy {
    Policy { stopped: Stopped::None, ..Policy::default() }
}

/// Checks desired capacity, the ids of what is removed, and the words of the reasons.
#[track_caller]
fn check(snapshot: &Snapshot, policy: &Policy, desired: u32, removed: &[&str], words: &[&str]) {
    let plan = plan(snapshot, policy);
    let ids: Vec<&str> = plan.remove.iter().map(|removal| removal.id.0.as_str()).collect();
    let because: Vec<&str> = plan.because.iter().map(scaler::Reason::word).collect();
    assert_eq!((plan.desired, &ids[..], &because[..]), (desired, removed, words), "{plan:#?}");
    for reason in &plan.because {
        let sentence = reason.to_string();
        assert!(sentence.ends_with('.') && sentence.len() > 20, "{sentence}");
    }
}

use State::{Booting, Busy, Gone, Idle, Leaving};

#[test]
fn each_job_gets_one_instance_and_none_a_second() {
    let policy = no_stock();
    check(&pool(3, &[]), &policy, 3, &[], &["queue_exceeds_capacity"]);
    check(&pool(3, &[(Booting, 60); 3]), &policy, 3, &[], &["capacity_on_its_way"]);
    let mixed = [(Booting, 60), (Idle, 2), (Busy, 900)];
    check(&pool(5, &mixed), &policy, 6, &[], &["queue_exceeds_capacity"]);
    check(&pool(0, &[(Busy, 900); 2]), &policy, 2, &[], &["balanced"]);
}

#[test]
fn two_decisions_on_the_same_facts_are_the_same() {
    let mut snapshot = pool(4, &[(Busy, 10)]);
    let first = plan(&snapshot, &no_stock());
    // The group was told, and shows no new instance yet.
    snapshot.fleet.desired = first.desired;
    assert_eq!(plan(&snapshot, &no_stock()).desired, first.desired);
}

#[test]
fn an_instance_that_is_done_is_no_capacity() {
    check(&pool(1, &[(Leaving, 5)]), &no_stock(), 2, &[], &["queue_exceeds_capacity"]);
}

#[test]
fn an_instance_that_is_off_is_no_capacity_and_is_taken_out() {
    let words = ["queue_exceeds_capacity", "gone"];
    check(&pool(1, &[(Gone, 0), (Busy, 9)]), &no_stock(), 2, &["i-0"], &words);
    let raised = Snapshot { occasion: Occasion::Event, ..pool(1, &[(Gone, 0)]) };
    check(&raised, &no_stock(), 2, &[], &["queue_exceeds_capacity"]);
}

#[test]
fn an_end_takes_ten_minutes_at_most() {
    let words = ["balanced", "leaving_too_long"];
    check(&pool(0, &[(Leaving, 600), (Leaving, 599)]), &no_stock(), 1, &["i-0"], &words);
    let soon = plan(&pool(0, &[(Leaving, 590)]), &no_stock());
    assert_eq!(soon.same_until, Some(NOW.plus(Duration::from_secs(10))));
    let policy = Policy { runners_max: Some(2), ..no_stock() };
    let full = pool(3, &[(Leaving, 600), (Leaving, 5)]);
    let words = ["queue_exceeds_capacity", "leaving_too_long", "makes_room", "clamped_to_max"];
    check(&full, &policy, 2, &["i-0", "i-1"], &words);
}

#[test]
fn an_overdue_boot_is_removed_and_replaced() {
    let words = ["queue_exceeds_capacity", "boot_overdue"];
    check(&pool(1, &[(Booting, 300)]), &no_stock(), 1, &["i-0"], &words);
    check(&pool(1, &[(Booting, 299)]), &no_stock(), 1, &[], &["capacity_on_its_way"]);
}

#[test]
fn surplus_is_kept_for_as_long_as_a_boot_takes_and_the_oldest_goes_first() {
    let idle = [(Idle, 119), (Idle, 130), (Idle, 125), (Busy, 4000)];
    let words = ["balanced", "idle_too_long", "idle_held"];
    check(&pool(0, &idle), &no_stock(), 2, &["i-1", "i-2"], &words);
}

#[test]
fn the_least_that_the_owner_wants_is_never_removed() {
    let policy = Policy { runners_min: 2, ..no_stock() };
    check(&pool(0, &[]), &policy, 2, &[], &["balanced", "raised_to_min"]);
    let idle = [(Idle, 500), (Idle, 400), (Idle, 600)];
    let words = ["balanced", "idle_too_long", "idle_held"];
    check(&pool(0, &idle), &policy, 2, &["i-2"], &words);
}

#[test]
fn more_than_the_ceiling_is_never_asked_for() {
    let policy = Policy { runners_max: Some(4), ..no_stock() };
    let words = ["queue_exceeds_capacity", "clamped_to_max"];
    check(&pool(9, &[(Busy, 60)]), &policy, 4, &[], &words);
}

#[test]
fn who_is_done_makes_room_where_the_pool_is_full() {
    let policy = Policy { runners_max: Some(2), ..no_stock() };
    let words = ["queue_exceeds_capacity", "makes_room"];
    check(&pool(1, &[(Leaving, 9), (Busy, 60)]), &policy, 2, &["i-0"], &words);
}

#[test]
fn a_lowered_ceiling_takes_no_job_away() {
    let policy = Policy { runners_max: Some(1), ..no_stock() };
    let words = ["balanced", "clamped_to_max"];
    check(&pool(0, &[(Busy, 60); 3]), &policy, 3, &[], &words);
}

#[test]
fn exhaustion_lifts_the_ceiling_for_those_who_asked_for_it() {
    let full = |alarm: Option<Timestamp>| Snapshot {
        exhausted_since: alarm,
        ..pool(3, &[(Busy, 60), (Busy, 60)])
    };
    let asked = Policy { runners_max: Some(2), runners_max_exhausted: Some(4), ..no_stock() };
    let words = ["queue_exceeds_capacity", "exhausted", "clamped_to_max"];
    check(&full(Some(ago(30))), &asked, 4, &[], &words);
    check(&full(None), &asked, 2, &[], &["queue_exceeds_capacity", "clamped_to_max"]);
    let unasked = Policy { runners_max_exhausted: None, ..asked };
    check(&full(Some(ago(30))), &unasked, 2, &[], &words);
}

#[test]
fn an_event_raises_and_lowers_nothing() {
    let mut snapshot = pool(0, &[(Idle, 900), (Booting, 900)]);
    snapshot.occasion = Occasion::Event;
    snapshot.fleet.desired = 5;
    check(&snapshot, &no_stock(), 5, &[], &["balanced", "only_raises"]);
}

#[test]
fn stale_facts_hold_what_there_is() {
    let mut snapshot = pool(7, &[(Idle, 900)]);
    snapshot.fleet.desired = 3;
    snapshot.backlog.as_of = ago(121);
    check(&snapshot, &Policy::default(), 3, &[], &["jobs_too_old"]);
    snapshot.backlog.as_of = NOW;
    snapshot.fleet.as_of = ago(121);
    check(&snapshot, &Policy::default(), 3, &[], &["fleet_too_old"]);
}

#[test]
fn series_alone_may_raise_and_not_lower() {
    let mut snapshot = pool(0, &[(Idle, 900)]);
    snapshot.backlog.source = Source::Series;
    check(&snapshot, &no_stock(), 1, &[], &["series_only", "balanced"]);
    snapshot.backlog.queued = 3;
    check(&snapshot, &no_stock(), 3, &[], &["series_only", "queue_exceeds_capacity"]);
}

#[test]
fn a_job_that_waits_beside_an_idle_runner_is_suspect_and_ghosts_are_left_out() {
    let mut snapshot = pool(1, &[(Idle, 400)]);
    snapshot.backlog.oldest_queued_at = Some(ago(301));
    check(&snapshot, &no_stock(), 1, &[], &["ghost_suspected", "capacity_on_its_way"]);
    let mut ghosts = pool(0, &[]);
    ghosts.backlog.ghosts = 2;
    check(&ghosts, &no_stock(), 0, &[], &["ghosts_excluded", "balanced"]);
}

#[test]
fn hot_spares_stand_beside_the_queue_by_number_and_by_hour() {
    let flat = Policy { hot: Hot::Flat { runners: 2 }, ..no_stock() };
    check(&pool(1, &[(Idle, 900)]), &flat, 3, &[], &["queue_exceeds_capacity"]);
    let working = Window { first_day: 0, last_day: 4, from_hour: 8, to_hour: 18, runners: 3 };
    let by_hour = |windows| Policy { hot: Hot::Schedule { otherwise: 1, windows }, ..no_stock() };
    check(&pool(0, &[]), &by_hour(vec![working]), 3, &[], &["queue_exceeds_capacity"]);
    let weekend = Window { first_day: 5, last_day: 6, ..working };
    check(&pool(0, &[]), &by_hour(vec![weekend]), 1, &[], &["queue_exceeds_capacity"]);
}

#[test]
fn the_stopped_pool_follows_the_outlook_at_most_to_what_could_be_started() {
    let mut snapshot = pool(0, &[]);
    snapshot.outlook.learned = true;
    snapshot.outlook.stopped_held = 8;
    snapshot.outlook.stopped.instances = 8;
    let warm = |snapshot: &Snapshot, policy: &Policy| {
        let Plan { warm, because, .. } = plan(snapshot, policy);
        (warm, because.last().unwrap().word())
    };
    assert_eq!(warm(&snapshot, &Policy::default()), (Some(8), "warm_pool_grows"));
    let few = Policy { runners_max: Some(6), runners_min: 1, ..Policy::default() };
    assert_eq!(warm(&snapshot, &few), (Some(5), "warm_pool_grows"));
    snapshot.fleet.warm.size = 12;
    assert_eq!(warm(&snapshot, &Policy::default()), (Some(8), "warm_pool_shrinks"));
    snapshot.occasion = Occasion::Event;
    assert_eq!(plan(&snapshot, &Policy::default()).warm, Some(12), "an event does not lower");
    let fixed = Policy { stopped: Stopped::Constant { instances: 3 }, ..Policy::default() };
    snapshot.occasion = Occasion::Schedule;
    assert_eq!(warm(&snapshot, &fixed), (Some(3), "warm_pool_fixed"));
    assert_eq!(plan(&snapshot, &no_stock()).warm, None, "what is not managed is left alone");
}

#[test]
fn a_snapshot_a_policy_and_a_plan_survive_json() {
    let snapshot = pool(4, &[(Booting, 400), (Idle, 900), (Leaving, 1), (Busy, 3)]);
    let policy = Policy {
        idle_hold: Some(Duration::from_millis(1500)),
        runners_max: Some(3),
        hot: Hot::Worthwhile { patience: 0.5 },
        ..Policy::default()
    };
    let decided = plan(&snapshot, &policy);
    let json = serde_json::to_string(&(&snapshot, &policy, &decided)).unwrap();
    let (snapshot_read, policy_read, plan_read): (Snapshot, Policy, Plan) =
        serde_json::from_str(&json).unwrap();
    assert_eq!((&snapshot_read, &policy_read, &plan_read), (&snapshot, &policy, &decided));
    assert_eq!(plan(&snapshot_read, &policy_read), decided, "it can be decided again");
}

#[test]
fn every_reason_is_named_in_json_by_its_word() {
    let mut snapshot = pool(9, &[(Booting, 400), (Idle, 900), (Leaving, 1)]);
    snapshot.backlog.ghosts = 1;
    snapshot.exhausted_since = Some(ago(60));
    let policy = Policy { runners_max: Some(4), ..Policy::default() };
    for reason in plan(&snapshot, &policy).because {
        let json = serde_json::to_value(&reason).unwrap();
        assert_eq!(json["reason"], reason.word());
    }
}
