//! What the scaler reads from the store and leaves in it.

use std::sync::Arc;

use local::group::DryRun;
use local::{Kept, OpenJobs};
use model::catalogue::{RUNNERS_BUSY, RUNNERS_DESIRED};
use model::{Dimension, Dimensions, Phase, Timestamp};
use scaler::ports::Jobs;
use scaler::{Decision, Occasion, Policy, Scaler};

use crate::world::{Job, World, job, secs, value_of};

fn open_jobs(world: &World) -> OpenJobs {
    OpenJobs::new(
        Arc::new(world.reader()),
        "linux",
        Arc::clone(&world.settings.bell),
        Arc::default(),
    )
}

/// A scaler and what it reads.
struct Watch {
    scaler: Scaler,
    jobs: OpenJobs,
    group: DryRun,
}

impl Watch {
    fn of(world: &World) -> Self {
        Watch {
            scaler: Scaler::new("linux", Policy::default(), None),
            jobs: open_jobs(world),
            group: DryRun::new("linux", 0),
        }
    }

    fn tick(&mut self, now: Timestamp) -> Decision {
        self.jobs.as_of = now;
        self.scaler.tick(&mut self.jobs, &mut self.group, Occasion::Schedule, now)
    }
}

fn kept(decision: &Decision) -> Kept {
    Kept::of(decision, &Policy::default())
}

fn history(jobs: &mut OpenJobs) -> Vec<Timestamp> {
    let mut history = Vec::new();
    jobs.history(&mut |at| history.push(at)).unwrap();
    history
}

#[path = "../../../../scaler/contract/jobs.rs"]
mod contract;

/// A store and the scaler's view of it.
struct Stand {
    world: World,
    jobs: OpenJobs,
}

impl Stand {
    fn told(&mut self, job: Job, phase: Phase) {
        let intake = self.world.delivery(job, phase);
        self.world.commit(&[intake]).unwrap();
    }
}

impl contract::Stand for Stand {
    fn jobs(&mut self) -> &mut dyn Jobs {
        &mut self.jobs
    }

    fn at(&mut self, at: i64) -> Timestamp {
        self.world.at(at).tick();
        self.jobs.as_of = secs(at);
        secs(at)
    }

    fn told(&mut self, id: u64, phase: Phase) {
        self.told(job(id), phase);
    }

    fn told_elsewhere(&mut self, id: u64, phase: Phase) {
        self.told(job(id).on("gpu"), phase);
    }
}

#[test]
fn it_says_what_all_jobs_say() {
    for (claim, check) in contract::CLAIMS {
        eprintln!("{claim}");
        let world = World::new();
        let jobs = open_jobs(&world);
        check(&mut Stand { world, jobs });
    }
}

#[test]
fn each_arrival_is_told_once_also_one_that_is_stored_late() {
    let mut world = World::new();
    world.queued(job(1)).at(50).queued(job(2));
    let mut jobs = open_jobs(&world);
    assert_eq!(history(&mut jobs), [secs(0), secs(50)]);
    world.at(45).queued(job(3)).at(60).queued(job(4)).started(job(4));
    world.queued(job(5).on("gpu"));
    assert_eq!(jobs.arrived(), Ok(vec![secs(45), secs(60)]));
    assert_eq!(jobs.arrived(), Ok(vec![]));
    let open = jobs.open(10, secs(60)).unwrap();
    assert_eq!((open.backlog.queued, open.backlog.running, open.busy.len()), (3, 1, 1));
    assert_eq!(open.backlog.oldest_queued_at, Some(secs(0)));
    drop(open_jobs(&world));
    world.queued(job(6));
    assert_eq!(jobs.arrived(), Ok(vec![secs(60)]), "another view that never listened ends nothing");
    let anew = history(&mut open_jobs(&world));
    assert_eq!(anew, [0, 45, 50, 60, 60].map(secs), "as one that begins to listen now reads it");
}

#[test]
fn of_many_running_jobs_those_are_named_that_run_for_longest() {
    let mut world = World::new();
    world.queued(job(1)).tick();
    for id in 1..=100_u64 {
        world.at(id.cast_signed()).started(job(id));
    }
    let open = open_jobs(&world).open(3, secs(100)).unwrap();
    assert_eq!((open.backlog.running, open.busy.len()), (100, 3));
    assert_eq!(open.busy.last().unwrap().since, secs(3));
    let decision = Watch::of(&world).tick(secs(101));
    let fleet = &decision.snapshot.fleet;
    assert_eq!((fleet.members.len(), fleet.crowds[0].instances, fleet.desired), (64, 36, 100));
    assert_eq!(decision.plan.desired, 100);
}

#[test]
fn after_a_restart_the_scaler_expects_what_one_does_that_was_there_all_the_time() {
    let mut world = World::new();
    world.tick();
    let mut watch = Watch::of(&world);
    let mut id = 0;
    for hour in 0..100 {
        for n in 0..(hour % 7) {
            id += 1;
            world.at(hour * 3600 + n * 3).queued(job(id)).started(job(id)).completed(job(id));
        }
        watch.tick(secs(hour * 3600 + 1800));
    }
    let now = secs(100 * 3600 + 30);
    let always = watch.tick(now);
    world.reopen();
    let restarted = Watch::of(&world).tick(now);
    assert!(always.snapshot.outlook.learned);
    assert!(always.snapshot.outlook.stopped.instances > 0, "{:?}", always.snapshot.outlook);
    assert_eq!(restarted.snapshot.outlook, always.snapshot.outlook);
    assert_eq!(restarted.plan.desired, always.plan.desired);
}

#[test]
fn decisions_outlive_a_restart_and_are_told_the_latest_first() {
    let mut world = World::new();
    world.queued(job(1));
    let mut watch = Watch::of(&world);
    let journal = Arc::clone(&world.settings.journal);
    let first = kept(&watch.tick(secs(1)));
    world.at(2).queued(job(2));
    let second = kept(&watch.tick(secs(3)));
    journal.note(first.clone());
    journal.note(second.clone());
    world.at(3).tick().reopen();
    let all = |pool| world.reader().decisions(pool, Timestamp::EPOCH, false, 10).unwrap();
    assert_eq!(all(None), [second.clone(), first]);
    assert_eq!(all(Some("linux")).len(), 2);
    assert!(all(Some("windows")).is_empty());
    assert_eq!(world.reader().decisions(None, secs(2), true, 10).unwrap(), [second]);
}

#[test]
fn old_decisions_are_let_go_with_the_series() {
    let mut world = World::new();
    world.queued(job(1));
    let kept = kept(&Watch::of(&world).tick(secs(1)));
    world.settings.journal.note(kept);
    world.at(2).tick();
    let count =
        |world: &World| world.reader().decisions(None, Timestamp::EPOCH, false, 10).unwrap().len();
    assert_eq!(count(&world), 1);
    world.at(91 * 24 * 3600).tick().at(91 * 24 * 3600 + 60).tick();
    assert_eq!(count(&world), 0);
}

#[test]
fn a_scaled_pool_publishes_all_its_levels_zero_or_not_and_others_none() {
    let mut world = World::new();
    let by = Dimensions::none().with(Dimension::Pool, "linux");
    world.queued(job(1)).queued(job(2).on("gpu"));
    assert!(world.publish().is_empty(), "from this minute on");
    for desired in [3, 5] {
        let record = model::emf::Record::new(secs(5), by.clone()).with(RUNNERS_DESIRED.is(desired));
        world.meter.observe(record);
        world.at(20).tick();
    }
    let minutes = world.at(60).tick().publish();
    let (_, records) = &minutes[0];
    assert_eq!(value_of(records, RUNNERS_DESIRED.0.name, &by), Some(5));
    assert_eq!(value_of(records, RUNNERS_BUSY.0.name, &by), Some(0));
    let gpu = Dimensions::none().with(Dimension::Pool, "gpu");
    assert_eq!(value_of(records, RUNNERS_DESIRED.0.name, &gpu), None, "silence, not zero");
    assert_eq!(world.minutes(&RUNNERS_DESIRED.average().of(Dimension::Pool, "linux")), [(0, 5.0)]);
}
