//! What a pool claims that has a group of Spot instances beside the one of On-Demand instances.

use std::time::Duration;

use model::{InstanceId, Timestamp};
use proptest::prelude::*;
use scaler::ports::{Group, Jobs, Open, Trouble};
use scaler::{
    Avoidance, Avoided, Backlog, Capacity, Cause, Fleet, Markets, Member, Occasion, Outlook, Plan,
    Policy, Reason, Removal, Scaler, Snapshot, Source, Spot, SpotGroup, State, Stopped, Warm, plan,
};

const NOW: Timestamp = Timestamp::from_secs(1_767_603_600);

fn member(n: usize, state: State, is_spot: bool) -> Member {
    let id = InstanceId(format!("{}-{n}", if is_spot { "spot" } else { "od" }));
    Member { id, state, since: NOW, is_spot }
}

/// A pool with so many queued jobs and busy instances of both markets.
fn pool(queued: u32, busy: Capacity) -> Snapshot {
    let on_demand = (0..busy.on_demand as usize).map(|n| member(n, State::Busy, false));
    let spot = (0..busy.spot as usize).map(|n| member(n, State::Busy, true));
    Snapshot {
        pool: "linux".into(),
        now: NOW,
        occasion: Occasion::Schedule,
        backlog: Backlog {
            as_of: NOW,
            source: Source::Jobs,
            queued,
            oldest_queued_at: None,
            ghosts: 0,
            running: busy.total(),
        },
        fleet: Fleet {
            as_of: NOW,
            desired: busy.total(),
            members: on_demand.chain(spot).collect(),
            crowds: Vec::new(),
            warm: Warm::default(),
            spot: Some(SpotGroup { desired: busy.spot, members: busy.spot, interrupted: 0 }),
            registering: 0,
        },
        outlook: Outlook::default(),
        exhausted_since: None,
        avoided: Avoided::default(),
    }
}

fn policy(share: f64) -> Policy {
    let spot = Some(Spot { share, ..Spot::default() });
    Policy { stopped: Stopped::None, spot, ..Policy::default() }
}

fn capacity(on_demand: u32, spot: u32) -> Capacity {
    Capacity { on_demand, spot }
}

fn words(plan: &Plan) -> Vec<&str> {
    for reason in &plan.because {
        let sentence = reason.to_string();
        assert!(sentence.ends_with('.') && sentence.len() > 20, "{sentence}");
    }
    plan.because.iter().map(Reason::word).collect()
}

#[test]
fn new_instances_are_split_so_that_the_share_of_all_is_spot() {
    for (queued, busy, share, expected) in [
        (10, capacity(0, 0), 0.7, capacity(3, 7)),
        (10, capacity(4, 0), 0.7, capacity(4, 10)),
        (10, capacity(0, 10), 0.5, capacity(10, 10)),
        (1, capacity(0, 0), 0.7, capacity(0, 1)),
        (1, capacity(0, 1), 0.7, capacity(1, 1)),
        (3, capacity(0, 0), 0.0, capacity(3, 0)),
        (3, capacity(2, 0), 1.0, capacity(2, 3)),
    ] {
        let plan = plan(&pool(queued, busy), &policy(share));
        assert_eq!(plan.capacity(), expected, "{queued} beside {busy:?} at {share}");
        assert_eq!(words(&plan), ["queue_exceeds_capacity", "launches_split"]);
    }
}

#[test]
fn what_is_there_stays_whatever_the_share() {
    let plan = plan(&pool(0, capacity(0, 9)), &policy(0.2));
    assert_eq!((plan.capacity(), words(&plan)), (capacity(0, 9), vec!["balanced"]));
}

#[test]
fn a_removal_takes_its_place_from_its_own_group() {
    let mut snapshot = pool(0, capacity(2, 2));
    snapshot.fleet.members[3].state = State::Gone;
    let plan = plan(&snapshot, &policy(0.5));
    assert_eq!((plan.capacity(), plan.remove[0].id.0.as_str()), (capacity(2, 1), "spot-1"));
}

#[test]
fn a_market_that_takes_instances_away_is_avoided_for_a_while() {
    let mut markets = Markets::default();
    let rules = Spot::default();
    let fleet = |interrupted| {
        let spot = SpotGroup { desired: 2, members: 2, interrupted };
        Fleet { spot: Some(spot), ..pool(0, capacity(1, 2)).fleet }
    };
    assert!(markets.seen(&fleet(4), &rules, NOW).is_nothing());
    let avoided = markets.seen(&fleet(5), &rules, NOW);
    let until = NOW.plus(Duration::from_mins(30));
    assert_eq!(avoided.spot, Some(Avoidance { until, because: Cause::Interrupted(5) }));
    assert_eq!(avoided.on_demand, None);

    let plan = plan(&Snapshot { avoided, ..pool(10, capacity(1, 2)) }, &policy(0.7));
    assert_eq!(plan.capacity(), capacity(11, 2));
    assert_eq!(words(&plan), ["queue_exceeds_capacity", "spot_interrupted"]);

    assert_eq!(markets.seen(&fleet(0), &rules, until.minus(Duration::from_secs(1))), avoided);
    assert!(markets.seen(&fleet(0), &rules, until).is_nothing(), "and is tried again");
}

#[test]
fn what_a_market_does_not_give_is_ordered_from_the_other() {
    let mut markets = Markets::default();
    let rules = Spot::default();
    let mut snapshot = pool(10, capacity(3, 2));
    let look = |markets: &mut Markets, snapshot: &mut Snapshot, members, secs| {
        snapshot.fleet.desired = 15;
        snapshot.fleet.spot = Some(SpotGroup { desired: 12, members, interrupted: 0 });
        snapshot.avoided =
            markets.seen(&snapshot.fleet, &rules, NOW.plus(Duration::from_secs(secs)));
        snapshot.avoided.spot
    };
    assert_eq!(look(&mut markets, &mut snapshot, 1, 0), None);
    assert_eq!(look(&mut markets, &mut snapshot, 2, 50), None, "it gives, if slowly");
    assert_eq!(look(&mut markets, &mut snapshot, 2, 100), None);
    let because = look(&mut markets, &mut snapshot, 2, 110).map(|avoided| avoided.because);
    assert_eq!(because, Some(Cause::Short(10)));

    let moved = plan(&snapshot, &policy(0.8));
    assert_eq!(moved.capacity(), capacity(13, 2), "all that is missing, and no more than before");
    assert_eq!(words(&moved), ["queue_exceeds_capacity", "spot_short"]);

    snapshot.occasion = Occasion::Event;
    let raised = plan(&snapshot, &policy(0.8));
    assert_eq!(raised.capacity(), capacity(3, 12), "an event moves nothing, for that would lower");
    let both = Avoided { on_demand: snapshot.avoided.spot, ..snapshot.avoided };
    let nowhere = plan(&Snapshot { avoided: both, ..pool(10, capacity(0, 0)) }, &policy(0.5));
    assert_eq!(nowhere.capacity(), capacity(5, 5), "where neither gives, both are asked");
    let other = Avoided { spot: None, ..both };
    let spot_alone = plan(&Snapshot { avoided: other, ..pool(4, capacity(1, 0)) }, &policy(0.0));
    assert_eq!((spot_alone.capacity(), words(&spot_alone)[1]), (capacity(1, 4), "on_demand_short"));
}

#[test]
fn stopped_instances_are_held_for_the_part_that_is_on_demand() {
    let mut snapshot = pool(0, capacity(0, 0));
    snapshot.outlook = Outlook { learned: true, stopped_held: 10, ..Outlook::default() };
    let stocked = Policy { stopped: Policy::default().stopped, ..policy(0.7) };
    assert_eq!(plan(&snapshot, &stocked).warm, Some(3));
    let because = Cause::Short(1);
    snapshot.avoided.spot = Some(Avoidance { until: NOW.plus(Duration::from_mins(1)), because });
    assert_eq!(plan(&snapshot, &stocked).warm, Some(10), "all of it while Spot is avoided");
    snapshot.fleet.spot = None;
    assert_eq!(plan(&snapshot, &stocked).warm, Some(10));
}

/// Two groups, of which each gives what is ordered or nothing.
#[derive(Clone, Debug, Default)]
struct World {
    now_secs: u64,
    made: usize,
    groups: [Side; 2],
    queued: u32,
    interrupted: u32,
    /// What the next look sees: a world that has gone on since.
    seen: Option<Fleet>,
}

#[derive(Clone, Debug, Default)]
struct Side {
    desired: u32,
    members: Vec<Member>,
    is_closed: bool,
}

const MAX: u32 = 12;

impl World {
    fn now(&self) -> Timestamp {
        NOW.plus(Duration::from_secs(self.now_secs))
    }

    fn fleet(&self) -> Fleet {
        let [on_demand, spot] = &self.groups;
        Fleet {
            as_of: self.now(),
            desired: on_demand.desired + spot.desired,
            members: on_demand.members.iter().chain(&spot.members).cloned().collect(),
            crowds: Vec::new(),
            warm: Warm::default(),
            spot: Some(SpotGroup {
                desired: spot.desired,
                members: u32::try_from(spot.members.len()).expect("few"),
                interrupted: self.interrupted,
            }),
            registering: 0,
        }
    }

    /// Machines start, boots of a minute end, and jobs begin.
    fn goes_on(&mut self, secs: u64) {
        self.now_secs += secs;
        let now = self.now();
        for (at, side) in self.groups.iter_mut().enumerate() {
            while !side.is_closed && side.members.len() < side.desired as usize {
                self.made += 1;
                let new = member(self.made, State::Booting, at == 1);
                side.members.push(Member { since: now, ..new });
            }
            for one in &mut side.members {
                if one.state == State::Booting && one.age(now) >= Duration::from_mins(1) {
                    (one.state, one.since) = (State::Idle, now);
                }
                if one.state == State::Idle && self.queued > 0 {
                    self.queued -= 1;
                    (one.state, one.since) = (State::Busy, now);
                }
            }
        }
    }

    fn job_ends(&mut self, at: usize) {
        let now = self.now();
        let all = self.groups.iter_mut().flat_map(|side| &mut side.members);
        let busy: Vec<&mut Member> = all.filter(|one| one.state == State::Busy).collect();
        let count = busy.len().max(1);
        if let Some(one) = busy.into_iter().nth(at % count) {
            (one.state, one.since) = (State::Gone, now);
        }
    }
}

impl Jobs for World {
    fn open(&mut self, _names_max: u32, now: Timestamp) -> Result<Open, Trouble> {
        let backlog =
            Backlog { as_of: now, queued: self.queued, ..pool(0, capacity(0, 0)).backlog };
        Ok(Open { backlog, busy: Vec::new() })
    }

    fn history(&mut self, _take: &mut dyn FnMut(Timestamp)) -> Result<(), Trouble> {
        Ok(())
    }

    fn arrived(&mut self) -> Result<Vec<Timestamp>, Trouble> {
        Ok(Vec::new())
    }
}

impl Group for World {
    fn names_max(&self) -> u32 {
        0
    }

    fn describe(&mut self, _open: &Open, now: Timestamp) -> Result<Fleet, Trouble> {
        let seen = self.seen.take().unwrap_or_else(|| self.fleet());
        Ok(Fleet { as_of: now, ..seen })
    }

    fn desired(&mut self, _now: Timestamp) -> Result<Capacity, Trouble> {
        let [on_demand, spot] = &self.groups;
        Ok(Capacity { on_demand: on_demand.desired, spot: spot.desired })
    }

    fn set_desired(&mut self, desired: Capacity, _now: Timestamp) -> Result<(), Trouble> {
        for (side, wanted) in self.groups.iter_mut().zip([desired.on_demand, desired.spot]) {
            assert!(wanted as usize >= side.members.len(), "AWS would choose which one ends");
            side.desired = wanted;
        }
        Ok(())
    }

    fn set_warm(&mut self, _size: u32, _now: Timestamp) -> Result<(), Trouble> {
        Ok(())
    }

    fn remove(&mut self, removal: &Removal, _now: Timestamp) -> Result<bool, Trouble> {
        for side in &mut self.groups {
            if let Some(at) = side.members.iter().position(|one| one.id == removal.id) {
                if side.members[at].state == State::Busy {
                    return Ok(false);
                }
                side.members.remove(at);
                side.desired -= 1;
            }
        }
        Ok(true)
    }

    fn interrupted(&mut self) -> Vec<InstanceId> {
        Vec::new()
    }

    fn is_real(&self) -> bool {
        true
    }
}

#[derive(Clone, Debug)]
enum Happening {
    Queued(u32),
    Ends(usize),
    Closes(usize),
    Opens(usize),
    /// AWS takes one away, as the group counts it: off.
    Interrupts(usize),
    Passes(u64),
    /// A look by schedule.
    Looks,
    /// A look of another sandbox because of an event.
    Raises,
    /// The same, by what was seen before time passed and the other looked.
    RaisesLate(u64),
}

fn happening() -> impl Strategy<Value = Happening> {
    use Happening::{Closes, Ends, Interrupts, Looks, Opens, Passes, Queued, Raises, RaisesLate};
    prop_oneof![
        3 => (1..8_u32).prop_map(Queued),
        4 => any::<usize>().prop_map(Ends),
        1 => (0..2_usize).prop_map(Closes),
        1 => (0..2_usize).prop_map(Opens),
        1 => any::<usize>().prop_map(Interrupts),
        6 => (1..40_u64).prop_map(Passes),
        6 => Just(Looks),
        3 => Just(Raises),
        2 => (1..20_u64).prop_map(RaisesLate),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_most_is_never_exceeded_and_jobs_get_runners(
        share in 0.0..=1.0_f64,
        happenings in prop::collection::vec(happening(), 1..120),
    ) {
        let rules = Policy { runners_max: Some(MAX), ..policy(share) };
        let mut scheduled = Scaler::new("linux", rules.clone(), None);
        let mut raising = Scaler::new("linux", rules, None);
        let mut world = World::default();
        let mut jobs = World::default();
        let look = |scaler: &mut Scaler, jobs: &mut World, world: &mut World, occasion| {
            jobs.queued = world.queued;
            let now = world.now();
            let decision = scaler.tick(jobs, world, occasion, now);
            let is_usual = |trouble: &Trouble| trouble.asked == "reading the jobs";
            assert!(decision.troubles.iter().all(is_usual), "{:?}", decision.troubles);
            let ordered: u32 = world.groups.iter().map(|side| side.desired).sum();
            assert!(ordered <= MAX, "{ordered}: {decision:?}");
        };
        for happening in happenings {
            match happening {
                Happening::Queued(jobs) => world.queued += jobs,
                Happening::Ends(at) => world.job_ends(at),
                Happening::Closes(side) => world.groups[side].is_closed = true,
                Happening::Opens(side) => world.groups[side].is_closed = false,
                Happening::Interrupts(at) => {
                    let spot = &mut world.groups[1].members;
                    let count = spot.len().max(1);
                    if let Some(one) = spot.get_mut(at % count) {
                        one.state = State::Gone;
                        world.interrupted += 1;
                    }
                }
                Happening::Passes(secs) => world.goes_on(secs),
                Happening::Looks => {
                    look(&mut scheduled, &mut jobs, &mut world, Occasion::Schedule);
                }
                Happening::Raises => look(&mut raising, &mut jobs, &mut world, Occasion::Event),
                Happening::RaisesLate(secs) => {
                    let before = world.fleet();
                    look(&mut scheduled, &mut jobs, &mut world, Occasion::Schedule);
                    world.goes_on(secs);
                    world.seen = Some(before);
                    look(&mut raising, &mut jobs, &mut world, Occasion::Event);
                }
            }
        }
        // The markets give again, and take nothing more away; whatever was avoided is tried again.
        (world.groups[0].is_closed, world.groups[1].is_closed, world.interrupted) = (false, false, 0);
        for _ in 0..400 {
            world.goes_on(10);
            world.job_ends(0);
            look(&mut scheduled, &mut jobs, &mut world, Occasion::Schedule);
        }
        prop_assert_eq!(world.queued, 0);
        prop_assert!(world.groups.iter().all(|side| side.members.is_empty() && side.desired == 0));
    }
}
