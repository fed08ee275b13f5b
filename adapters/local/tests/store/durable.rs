//! What was acknowledged is there, and is there once.

use crate::world::{World, job};
use model::catalogue::{DELIVERIES_DUPLICATE, JOB_EVENTS};
use model::{Dimension, Phase};

#[test]
fn an_acknowledged_delivery_is_there_after_the_process_forgot_everything() {
    let mut world = World::new();
    world.queued(job(1)).at(20).started(job(1)).at(30).queued(job(2)).reopen();
    let pool = world.pool("linux");
    assert_eq!((pool.waiting, pool.running), (1, 1));
    assert_eq!(world.totals("linux"), [2, 1, 0]);
    let waiting = world.reader().waiting(local::Wanted::default(), 10).unwrap();
    assert_eq!(waiting[0].job.key.job, 2);
    let started = world.reader().recent(Some("linux"), 10).unwrap();
    assert_eq!((started[0].job.key.job, started[0].job.wait().unwrap().length.as_secs()), (1, 20));
}

#[test]
fn everything_known_of_a_job_is_read_back_as_it_was() {
    let mut world = World::new();
    let events = [Phase::Waiting, Phase::Queued, Phase::InProgress, Phase::Completed];
    let mut folded = None;
    for (phase, at) in events.into_iter().zip([0, 70, 100, 200]) {
        let mut intake = world.at(at).delivery(job(1), phase);
        let ingest::Content::Job(event) = &mut intake.delivery.content else { unreachable!() };
        event.labels = model::Labels::new(["a,b", "größer"]);
        event.url = Some("https://ghe.example/1".into());
        event.branch = Some("main".into());
        let route = ingest::Route { pool: "a,b,größer".into(), routed: true };
        folded = ingest::ledger::fold(folded, (**event).clone(), route, intake.received_at)
            .map(|(job, _)| job);
        world.commit(&[intake]).unwrap();
    }
    world.reopen();
    assert_eq!(Some(&world.reader().recent(None, 1).unwrap()[0].job), folded.as_ref());
}

#[test]
fn a_redelivery_changes_nothing_but_the_counter_of_duplicates() {
    let mut world = World::new();
    let first = world.delivery(job(1), Phase::Queued);
    assert!(!world.commit(std::slice::from_ref(&first)).unwrap()[0].duplicate);
    let before = world.pool("linux");
    assert!(world.commit(std::slice::from_ref(&first)).unwrap()[0].duplicate);
    assert!(world.reopen().commit(&[first]).unwrap()[0].duplicate, "also after a restart");
    assert_eq!(world.pool("linux"), before);
    let queued = JOB_EVENTS.sum().of(Dimension::Status, "queued");
    assert_eq!(world.minutes(&queued), [(0, 1.0)]);
    assert_eq!(world.minutes(&DELIVERIES_DUPLICATE.sum()), [(0, 2.0)]);
}

#[test]
fn a_phase_repeated_under_another_id_changes_nothing_but_the_counter_of_duplicates() {
    let mut world = World::new();
    world.queued(job(1)).at(40).started(job(1)).at(50);
    let before = world.pool("linux");
    for phase in [Phase::Queued, Phase::InProgress] {
        let again = world.delivery(job(1), phase);
        assert!(world.commit(&[again]).unwrap()[0].duplicate);
    }
    assert_eq!(world.pool("linux"), before);
    assert_eq!(world.minutes(&JOB_EVENTS.sum()), [(0, 2.0)]);
    assert_eq!(world.minutes(&DELIVERIES_DUPLICATE.sum()), [(0, 2.0)]);
}

#[test]
fn a_delivery_repeated_within_a_batch_counts_once() {
    let mut world = World::new();
    let one = world.delivery(job(1), Phase::Queued);
    let taken = world.commit(&[one.clone(), one]).unwrap();
    assert_eq!(taken.iter().map(|taken| taken.duplicate).collect::<Vec<_>>(), [false, true]);
    assert_eq!(world.totals("linux"), [1, 0, 0]);
}
