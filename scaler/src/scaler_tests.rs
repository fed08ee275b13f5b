//! What a scaler does with a world that answers, is silent, or changes meanwhile.

use std::cell::RefCell;

use model::InstanceId;

use super::*;
use crate::{Member, Reason, Removal, State};

/// A world made of values: what it says, and what was done to it.
#[derive(Default)]
struct World {
    queued: u32,
    is_silent: bool,
    desired: u32,
    members: Vec<Member>,
    /// What another tick sets between the look and the write.
    set_meanwhile: Option<u32>,
    /// Whether the group does not describe itself.
    is_hidden: bool,
    /// Whether every runner got a job meanwhile, so that none may go.
    is_taken: bool,
    done: Vec<String>,
}

impl Jobs for &RefCell<World> {
    fn open(&mut self, _names_max: u32, now: Timestamp) -> Result<Open, Trouble> {
        if self.borrow().is_silent {
            return Err(Trouble::new("reading the jobs", "silence"));
        }
        let mut open = nothing_known();
        (open.backlog.queued, open.backlog.as_of) = (self.borrow().queued, now);
        Ok(open)
    }

    fn history(&mut self, _take: &mut dyn FnMut(Timestamp)) -> Result<(), Trouble> {
        Ok(())
    }

    fn arrived(&mut self) -> Result<Vec<Timestamp>, Trouble> {
        Ok(Vec::new())
    }
}

impl Group for RefCell<World> {
    fn names_max(&self) -> u32 {
        0
    }

    fn describe(&mut self, _open: &Open, now: Timestamp) -> Result<Fleet, Trouble> {
        let world = self.borrow();
        if world.is_hidden {
            return Err(Trouble::new("describing the group", "silence"));
        }
        let members = world.members.clone();
        let (desired, crowds, warm) = (world.desired, Vec::new(), Warm::default());
        Ok(Fleet { as_of: now, desired, members, crowds, warm, spot: None, registering: 0 })
    }

    fn desired(&mut self, _now: Timestamp) -> Result<Capacity, Trouble> {
        let world = self.get_mut();
        world.desired = world.set_meanwhile.take().unwrap_or(world.desired);
        Ok(Capacity::of(world.desired))
    }

    fn set_desired(&mut self, desired: Capacity, _now: Timestamp) -> Result<(), Trouble> {
        let world = self.get_mut();
        world.desired = desired.total();
        world.done.push(format!("desired {}", desired.total()));
        Ok(())
    }

    fn set_warm(&mut self, size: u32, _now: Timestamp) -> Result<(), Trouble> {
        self.get_mut().done.push(format!("warm {size}"));
        Ok(())
    }

    fn remove(&mut self, removal: &Removal, _now: Timestamp) -> Result<bool, Trouble> {
        let world = self.get_mut();
        if world.is_taken {
            return Ok(false);
        }
        world.done.push(format!("remove {}", removal.id));
        world.desired -= 1;
        world.members.retain(|member| member.id != removal.id);
        Ok(true)
    }

    fn interrupted(&mut self) -> Vec<model::InstanceId> {
        Vec::new()
    }

    fn is_real(&self) -> bool {
        true
    }
}

/// The jobs are told by a copy of the world, since the group is changed meanwhile.
struct Story {
    scaler: Scaler,
    group: RefCell<World>,
}

impl Story {
    fn new(policy: Policy, world: World) -> Self {
        Story { scaler: Scaler::new("linux", policy, None), group: RefCell::new(world) }
    }

    fn tick(&mut self, occasion: Occasion, secs: i64) -> Decision {
        let World { queued, is_silent, .. } = *self.group.get_mut();
        let jobs = RefCell::new(World { queued, is_silent, ..World::default() });
        self.scaler.tick(&mut &jobs, &mut self.group, occasion, at(secs))
    }

    fn done(&mut self) -> Vec<String> {
        std::mem::take(&mut self.group.get_mut().done)
    }
}

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(secs)
}

fn members(state: State, since: i64, n: usize) -> Vec<Member> {
    let one =
        |i| Member { id: InstanceId(format!("i-{i}")), state, since: at(since), is_spot: false };
    (0..n).map(one).collect()
}

const BASE: i64 = 1_000_000;

#[test]
fn a_queued_job_is_ordered_an_instance_once() {
    let mut story = Story::new(Policy::default(), World { queued: 2, ..World::default() });
    assert!(story.tick(Occasion::Event, BASE).is_news);
    assert_eq!(story.done(), ["desired 2"]);
    story.group.get_mut().members = members(State::Booting, BASE, 2);
    assert!(story.tick(Occasion::Event, BASE + 1).is_news, "for another reason");
    assert!(!story.tick(Occasion::Schedule, BASE + 10).is_news);
    assert_eq!(story.done(), [""; 0]);
}

#[test]
fn a_tick_that_is_late_does_not_undo_what_another_raised() {
    for (occasion, expected) in [(Occasion::Event, 9), (Occasion::Schedule, 9)] {
        let world = World { queued: 2, set_meanwhile: Some(9), ..World::default() };
        let mut story = Story::new(Policy::default(), world);
        story.tick(occasion, BASE);
        assert_eq!(story.group.get_mut().desired, expected, "{occasion:?}");
    }
}

#[test]
fn an_event_that_asks_for_nothing_does_not_undo_what_another_lowered() {
    let members = members(State::Busy, 0, 4);
    let world = World { desired: 4, members, set_meanwhile: Some(3), ..World::default() };
    let mut story = Story::new(Policy::default(), world);
    story.tick(Occasion::Event, BASE);
    assert_eq!(story.done(), [""; 0]);
}

#[test]
fn jobs_that_cannot_be_read_hold_everything_once_the_last_news_is_too_old() {
    let mut story = Story::new(Policy::default(), World { queued: 1, ..World::default() });
    story.tick(Occasion::Schedule, BASE);
    story.group.get_mut().is_silent = true;
    let soon = story.tick(Occasion::Schedule, BASE + 60);
    assert!(
        !soon.troubles.is_empty() && !matches!(soon.plan.because[..], [Reason::JobsTooOld { .. }])
    );
    story.done();
    story.group.get_mut().desired = 0;
    let late = story.tick(Occasion::Schedule, BASE + 121);
    assert!(
        matches!(late.plan.because[..], [Reason::JobsTooOld { age_secs: 121, .. }]),
        "{late:?}"
    );
    assert!(late.is_news && story.done().is_empty());
}

#[test]
fn before_anything_is_known_nothing_is_done() {
    let world = World { is_silent: true, members: members(State::Idle, 0, 3), ..World::default() };
    let mut story = Story::new(Policy::default(), world);
    let decision = story.tick(Occasion::Schedule, BASE);
    assert!(matches!(decision.plan.because[..], [Reason::JobsTooOld { .. }]));
    assert!(story.done().is_empty());
}

#[test]
fn only_the_schedule_removes_and_by_name() {
    let idle = members(State::Idle, 0, 1);
    let world = World { desired: 1, members: idle, ..World::default() };
    let mut story = Story::new(Policy::default(), world);
    story.tick(Occasion::Event, BASE);
    assert_eq!(story.done(), [""; 0]);
    story.tick(Occasion::Schedule, BASE);
    assert_eq!(story.done(), ["remove i-0"]);
}

#[test]
fn what_was_described_earlier_is_no_ground_to_lower_or_remove() {
    let world = World { desired: 1, members: members(State::Idle, 0, 1), ..World::default() };
    let mut story = Story::new(Policy::default(), world);
    story.tick(Occasion::Event, BASE);
    (story.group.get_mut().is_hidden, story.group.get_mut().queued) = (true, 3);
    story.tick(Occasion::Schedule, BASE + 10);
    assert_eq!(story.done(), ["desired 3"], "more may be launched");
    story.group.get_mut().queued = 0;
    story.tick(Occasion::Schedule, BASE + 20);
    assert_eq!(story.done(), [""; 0]);
    story.group.get_mut().is_hidden = false;
    story.tick(Occasion::Schedule, BASE + 30);
    assert_eq!(story.done(), ["remove i-0", "desired 0"]);
}

#[test]
fn an_instance_that_stays_lifts_no_ceiling() {
    let policy = Policy { runners_max: Some(2), ..Policy::default() };
    let overdue = members(State::Booting, BASE - 3600, 2);
    let world =
        World { queued: 5, desired: 2, members: overdue, is_taken: true, ..World::default() };
    let mut story = Story::new(policy, world);
    let decision = story.tick(Occasion::Schedule, BASE);
    assert_eq!((decision.plan.remove.len(), decision.plan.desired), (2, 2));
    assert_eq!(story.group.get_mut().desired, 2);
}

#[test]
fn exhaustion_lifts_the_ceiling_until_no_job_waits() {
    let policy =
        Policy { runners_max: Some(2), runners_max_exhausted: Some(5), ..Policy::default() };
    let busy = members(State::Busy, BASE, 2);
    let world = World { queued: 4, desired: 2, members: busy, ..World::default() };
    let mut story = Story::new(policy, world);
    let lifted = story.tick(Occasion::Event, BASE);
    assert_eq!(lifted.snapshot.exhausted_since, Some(at(BASE)));
    assert_eq!(story.done(), ["desired 5"]);
    story.group.get_mut().members.extend(members(State::Booting, BASE, 3));
    let booting = story.tick(Occasion::Schedule, BASE + 10);
    assert_eq!(booting.snapshot.exhausted_since, Some(at(BASE)), "its effect does not end it");
    story.group.get_mut().queued = 0;
    let over = story.tick(Occasion::Schedule, BASE + 20);
    assert_eq!(over.snapshot.exhausted_since, None);
    assert_eq!(over.plan.desired, 5, "no running instance is taken away");
}

#[test]
fn the_words_of_reasons_are_as_many_as_their_price_says() {
    let unknown = serde_json::from_str::<Reason>(r#"{"reason":"?"}"#).unwrap_err().to_string();
    let words = unknown.matches('`').count() / 2 - 1;
    assert_eq!(words as u64, model::price::SCALER_REASONS, "{unknown}");
}
