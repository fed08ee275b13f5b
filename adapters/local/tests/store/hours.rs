//! Days that are over are read by the hour, and say the same as their minutes.

use std::time::Duration;

use ingest::Content;
use ingest::past::{Past, PastEvent};
use local::Importer;
use model::series::Aggregate;
use model::{Dimension, Dimensions, Kind, Phase, Spec, Statistic, Timestamp, catalogue as c};

use crate::world::{Job, ORIGIN, World, job, secs};

const HOUR: i64 = 3600;

/// Two days of jobs: one pool that is busy on the first, one with a job now and then.
fn happened() -> Vec<(i64, Job, Phase)> {
    let mut all = Vec::new();
    let mut life = |id: u64, label, at: i64, wait: i64, run: i64| {
        let job = job(id).on(label);
        all.push((at, job, Phase::Queued));
        all.push((at + wait, job, Phase::InProgress));
        all.push((at + wait + run, job, Phase::Completed));
    };
    for n in 0..180_u32 {
        let at = i64::from(n) * 420;
        life(u64::from(n) + 1, "busy", at, i64::from(n % 17) * 40, 300 + i64::from(n % 5) * 100);
    }
    for n in 0..6_u32 {
        life(u64::from(n) + 1000, "quiet", i64::from(n) * 7 * HOUR + 100, 30, 200);
    }
    all.sort_by_key(|(at, ..)| *at);
    all
}

fn import(world: &mut World, all: &[(i64, Job, Phase)], now: Timestamp) {
    let told = all.iter().map(|(at, job, phase)| {
        world.at(*at);
        let intake = world.delivery(*job, *phase);
        let Content::Job(event) = intake.delivery.content else { panic!("a job was expected") };
        PastEvent { event: *event, pool: None, received_at: secs(*at), is_receipt_known: true }
    });
    let told: Vec<PastEvent> = told.collect();
    drop(world.take_store());
    let mut importer = Importer::open(&world.path(), &world.settings).unwrap();
    for past in told {
        importer.take(Past::Job(Box::new(past))).unwrap();
    }
    importer.finish(now).unwrap();
    world.now = now;
    world.reopen();
}

/// Metrics by the dimensions that the page asks for.
fn questions() -> Vec<(&'static Spec, Dimensions)> {
    let pool = |name: &str| Dimensions::none().with(Dimension::Pool, name);
    let queued = |by: Dimensions| by.with(Dimension::Status, "queued");
    let mut all = vec![
        (c::JOB_EVENTS.0, queued(Dimensions::none())),
        (c::JOB_WAIT.0, Dimensions::none()),
        (c::JOBS_WAITING.0, Dimensions::none()),
        (c::JOBS_RUNNING.0, Dimensions::none()),
    ];
    for name in ["busy", "quiet", "nobody"] {
        all.push((c::JOB_EVENTS.0, queued(pool(name))));
        all.push((c::JOB_EVENTS.0, pool(name)));
        all.push((c::JOB_WAIT.0, pool(name)));
        all.push((c::JOBS_WAITING.0, pool(name)));
        all.push((c::JOBS_RUNNING.0, pool(name)));
    }
    all
}

/// What can be asked of an aggregate. Which of several observations within an hour was the last
/// matters for a level alone.
fn said(spec: &Spec, aggregate: &Aggregate) -> impl PartialEq + std::fmt::Debug {
    let percentiles =
        [50, 95, 99].map(|percent| aggregate.statistic(Statistic::Percentile(percent)));
    let last = (spec.kind == Kind::Level).then_some(aggregate.last);
    (aggregate.samples, aggregate.sum, aggregate.max, last, percentiles)
}

/// Hours as the store tells them, and as its minutes add up to.
#[track_caller]
fn hours_are_their_minutes(world: &World, hours: i64) {
    let reader = world.reader();
    let from = Timestamp::from_secs((ORIGIN / 86_400 - 1) * 86_400);
    let to = from.plus(Duration::from_hours(hours.unsigned_abs()));
    for (spec, by) in questions() {
        let ask = |period| reader.aggregates(spec, &by, period, from, to).unwrap();
        let mut expected: Vec<(Timestamp, Aggregate)> = Vec::new();
        for (at, minute) in ask(Duration::from_mins(1)) {
            let hour = Timestamp::from_secs(at.as_secs().div_euclid(HOUR) * HOUR);
            match expected.last_mut() {
                Some((last, sum)) if *last == hour => sum.merge(&minute),
                _ => expected.push((hour, minute)),
            }
        }
        let told = ask(Duration::from_hours(1));
        assert_eq!(told.len(), expected.len(), "{} {by:?}", spec.name);
        for ((at, told), (_, expected)) in told.iter().zip(&expected) {
            assert_eq!(said(spec, told), said(spec, expected), "{} {by:?} {at}", spec.name);
        }
    }
}

#[test]
fn a_day_that_is_over_says_the_same_by_the_hour() {
    let mut world = World::new();
    import(&mut world, &happened(), secs(5 * 24 * HOUR));
    hours_are_their_minutes(&world, 96);
}

#[test]
fn what_is_imported_later_into_a_day_that_was_told_is_in_its_hours() {
    let mut world = World::new();
    let all = happened();
    let (odd, even): (Vec<_>, Vec<_>) = all.iter().partition(|(_, job, _)| job.id % 2 == 1);
    import(&mut world, &odd, secs(5 * 24 * HOUR));
    import(&mut world, &even, secs(5 * 24 * HOUR));
    hours_are_their_minutes(&world, 96);
    let queued = c::JOB_EVENTS.sum().of(Dimension::Status, "queued");
    let day = queued.every(Duration::from_hours(24));
    let sum: f64 = world.minutes(&day).into_iter().map(|(_, jobs)| jobs).sum();
    assert!(sum > 90.0, "{sum}");
}

#[test]
fn a_server_tells_its_days_as_they_end() {
    let mut world = World::new();
    for n in 0..400 {
        world.at(n * 300).queued(job(n.unsigned_abs() + 1).on("busy"));
    }
    world.minutes_pass(30);
    hours_are_their_minutes(&world, 72);
}
