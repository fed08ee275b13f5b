//! What was recorded earlier, imported in any order, any pieces and any number of times.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ingest::Content;
use ingest::past::{Past, PastEvent};
use local::{Imported, Importer, Settings, StoreError};
use model::catalogue as c;
use model::emf::Record;
use model::{Dimension, Dimensions, JobKey, Phase, Point, Quantity, Timestamp};
use proptest::prelude::*;

use crate::world::{Job, ORIGIN, World, job, secs};

/// Something that happened to a job at this second after [`ORIGIN`].
type Happened = (i64, Job, Phase);

const LIFE: [Phase; 3] = [Phase::Queued, Phase::InProgress, Phase::Completed];

fn life(job: Job, at: [i64; 3]) -> impl Iterator<Item = Happened> {
    at.into_iter().zip(LIFE).map(move |(at, phase)| (at, job, phase))
}

/// As the world would deliver it, from the past.
fn past(world: &mut World, (at, job, phase): Happened) -> Past {
    world.at(at);
    let intake = world.delivery(job, phase);
    let Content::Job(event) = intake.delivery.content else { panic!("a job was expected") };
    let received_at = intake.received_at;
    Past::Job(Box::new(PastEvent {
        event: *event,
        pool: None,
        received_at,
        is_receipt_known: true,
    }))
}

fn pasts(world: &mut World, all: impl IntoIterator<Item = Happened>) -> Vec<Past> {
    let mut all: Vec<Happened> = all.into_iter().collect();
    all.sort_by_key(|(at, ..)| *at);
    all.into_iter().map(|happened| past(world, happened)).collect()
}

/// Imports into a world whose store nobody has open, and opens it again.
fn import(world: &mut World, pasts: impl IntoIterator<Item = Past>) -> Imported {
    drop(world.take_store());
    let mut importer = Importer::open(&world.path(), &world.settings).unwrap();
    for past in pasts {
        importer.take(past).unwrap();
    }
    let outcome = importer.finish(world.now).unwrap();
    world.reopen();
    outcome
}

/// Everything that can be asked: rows of jobs, and of each series the minutes since [`ORIGIN`].
#[derive(Debug, PartialEq)]
struct Held {
    jobs: Vec<String>,
    points: BTreeMap<PointKey, PointCells>,
}

/// Metric, dimensions, minute.
type PointKey = (String, String, i64);

/// Samples, sum, maximum, histogram.
type PointCells = (i64, i64, i64, Option<String>);

fn held(world: &World) -> Held {
    let connection = rusqlite::Connection::open(world.path()).unwrap();
    let by_name = "SELECT * FROM jobs JOIN pools ON pools.id = pool ORDER BY job";
    let mut jobs = connection.prepare(by_name).unwrap();
    let numbers = ["pool", "id"].map(|name| jobs.column_index(name).unwrap());
    let columns: Vec<_> = (0..jobs.column_count()).filter(|i| !numbers.contains(i)).collect();
    let row = |row: &rusqlite::Row<'_>| {
        let cells = columns.iter().map(|i| format!("{:?}", row.get_ref(*i).unwrap()));
        Ok(cells.collect::<Vec<_>>().join(" "))
    };
    let jobs = jobs.query_map([], row).unwrap().map(Result::unwrap).collect();
    let mut points = connection
        .prepare(
            "SELECT metric, dimensions, minute, samples, sum, max, histogram \
             FROM points JOIN series ON series.id = series",
        )
        .unwrap();
    let row = |row: &rusqlite::Row<'_>| {
        let minute = row.get::<_, i64>(2)? - ORIGIN / 60;
        let value = (row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?);
        Ok(((row.get(0)?, row.get(1)?, minute), value))
    };
    let points = points.query_map([], row).unwrap().map(Result::unwrap).collect();
    Held { jobs, points }
}

fn of(metric: &str, held: &Held) -> Vec<(i64, i64)> {
    let of = held.points.iter().filter(|((name, by, _), _)| name == metric && by == "[]");
    of.map(|((_, _, minute), (_, _, max, _))| (*minute, *max)).collect()
}

#[test]
fn an_import_counts_each_event_in_its_own_minute_and_tells_the_levels() {
    let mut world = World::new();
    let events = pasts(&mut world, life(job(1), [10, 70, 190]));
    let imported = import(&mut world, events);
    assert_eq!((imported.events, imported.jobs, imported.repeated), (3, 1, 0));
    assert_eq!(imported.span, Some((secs(10), secs(190))));
    assert_eq!(world.totals("linux"), [1, 1, 1]);
    assert_eq!(world.minutes(&c::JOB_WAIT.max()), [(1, 60.0)]);
    assert_eq!(world.minutes(&c::JOBS_WAITING.max()), [(0, 1.0), (1, 1.0), (2, 0.0), (3, 0.0)]);
    assert_eq!(world.minutes(&c::JOBS_RUNNING.max()), [(0, 0.0), (1, 1.0), (2, 1.0), (3, 1.0)]);
    assert_eq!(world.minutes(&c::OLDEST_WAITING_AGE.max())[0], (0, 50.0));
}

#[test]
fn repeating_an_import_changes_nothing() {
    let mut world = World::new();
    let all = life(job(1), [10, 70, 190]).chain(life(job(2).on("mac"), [80, 85, 400]));
    let events = pasts(&mut world, all);
    import(&mut world, events.clone());
    let before = held(&world);
    let again = import(&mut world, events);
    assert_eq!((again.events, again.repeated), (0, 6));
    assert_eq!(held(&world), before);
}

#[test]
fn an_import_that_was_killed_is_repeated() {
    let mut world = World::new();
    let all = (1..=30).flat_map(|n| life(job(n), [n.cast_signed() * 7, n.cast_signed() * 9, 900]));
    let events = pasts(&mut world, all);
    let mut whole = World::new();
    import(&mut whole, events.clone());
    drop(world.take_store());
    let mut importer = Importer::open(&world.path(), &world.settings).unwrap();
    // Chunks are written as they fill, and then the process dies before the end.
    for past in events.iter().cycle().take(61_000) {
        importer.take(past.clone()).unwrap();
    }
    drop(importer);
    world.reopen();
    assert_eq!(world.totals("linux"), [30, 30, 30], "some of it was durable");
    import(&mut world, events);
    assert_eq!(held(&world), held(&whole));
}

#[test]
fn nobody_else_may_have_the_store_open() {
    let world = World::new();
    let error = Importer::open(&world.path(), &Settings::default()).unwrap_err();
    assert!(matches!(error, StoreError::InUse { .. }), "{error}");
}

#[test]
fn a_past_that_lies_before_and_within_the_history_changes_its_levels() {
    let mut world = World::new();
    world.at(600).queued(job(1)).at(700).started(job(1)).at(900).completed(job(1)).at(960).tick();
    let live = world.minutes(&c::JOBS_RUNNING.max());
    assert_eq!(live[0], (10, 0.0));
    let mut other = World::new();
    let events = pasts(&mut other, life(job(2), [300, 310, 760]));
    import(&mut world, events);
    let running = world.minutes(&c::JOBS_RUNNING.max());
    let expected = [(5, 1.0), (6, 1.0), (10, 1.0), (11, 2.0), (12, 2.0), (13, 1.0), (16, 0.0)];
    assert!(expected.iter().all(|point| running.contains(point)), "{running:?}");
    assert_eq!(world.totals("linux"), [2, 2, 2]);
}

#[test]
fn the_live_way_goes_on_where_an_import_ended() {
    let mut world = World::new();
    let events = pasts(&mut world, [(10, job(1), Phase::Queued), (15, job(2), Phase::Queued)]);
    world.at(30);
    import(&mut world, events);
    world.at(40).started(job(1)).at(50).queued(job(3)).at(70).tick();
    let queued = c::JOB_EVENTS.sum().of(Dimension::Status, "queued");
    assert_eq!(world.minutes(&queued), [(0, 3.0)], "the open minute holds what was imported");
    assert_eq!(world.pool("linux").waiting, 2);
    assert_eq!(world.minutes(&c::JOBS_WAITING.max()), [(0, 2.0), (1, 2.0)]);
}

#[test]
fn a_job_whose_next_event_never_comes_is_given_up_when_it_was_due() {
    let mut world = World::new();
    let day = 24 * 3600;
    let lost = (0, job(1), Phase::Queued);
    let late = life(job(2), [3 * day, 3 * day + 5, 3 * day + 9]);
    let events = pasts(&mut world, std::iter::once(lost).chain(late));
    let imported = import(&mut world, events);
    assert_eq!(imported.given_up, 1);
    assert_eq!(world.minutes(&c::JOBS_EXPIRED.sum()), [(day / 60, 1.0)]);
    let waiting = of(c::JOBS_WAITING.0.name, &held(&world));
    let minutes = waiting.iter().filter(|(_, max)| *max > 0).count();
    assert_eq!(i64::try_from(minutes).unwrap(), day / 60 + 2);
    assert_eq!(waiting.last(), Some(&(3 * day / 60, 1)));
    assert!(waiting.len() < 2 * 1440, "two days of which nothing is known are not filled");
}

/// What one line tells may be known before what the next does, and twice.
#[test]
fn a_job_that_somebody_gave_up_waits_no_longer_than_until_then() {
    let mut world = World::new();
    let hour = 3600;
    let told = [
        (0, job(1), Phase::Queued),
        (60, job(2), Phase::Queued),
        (90, job(3), Phase::Queued),
        (2 * hour, job(3), Phase::InProgress),
    ];
    let late = life(job(4), [5 * hour, 5 * hour + 5, 5 * hour + 9]);
    let events = pasts(&mut world, told.into_iter().chain(late));
    let gone = |id| Past::Gone { key: JobKey { job: id, attempt: 1 }, at: secs(hour) };
    let lines: Vec<Past> = [gone(1), gone(3), gone(9)].into_iter().chain(events).collect();
    for given_up in [1, 0] {
        let imported = import(&mut world, lines.clone());
        assert_eq!(
            imported.given_up, given_up,
            "of the third there was news, the ninth is not known"
        );
        assert_eq!(world.minutes(&c::JOBS_EXPIRED.sum()), [(60, 1.0)]);
        let waiting = world.minutes(&c::JOBS_WAITING.max());
        for (minute, jobs) in [(59, 3.0), (60, 3.0), (61, 2.0), (121, 1.0), (300, 2.0)] {
            assert!(waiting.contains(&(minute, jobs)), "{minute}: {waiting:?}");
        }
        assert_eq!(world.pool("linux").waiting, 1);
    }
}

#[test]
fn a_minute_that_somebody_counted_is_taken_once_and_put_together_from_its_parts() {
    let mut world = World::new();
    let by = Dimensions::none().with(Dimension::Pool, "linux");
    let line = |values: std::ops::Range<u64>| {
        let quantity = Quantity::Distribution(values.collect());
        let point = Point { spec: c::JOB_WAIT.0, quantity };
        Past::Minute(vec![Record::new(secs(0), by.clone()).with(point)])
    };
    let events = Record::new(secs(0), by.clone().with(Dimension::Status, "queued"))
        .with(c::JOB_EVENTS.inc_by(7));
    let level = Record::new(secs(60), by.clone()).with(c::JOBS_WAITING.is(3));
    let lines =
        [line(0..100), line(100..120), Past::Minute(vec![events]), Past::Minute(vec![level])];
    for _ in 0..2 {
        import(&mut world, lines.clone());
        assert_eq!(world.minutes(&c::JOB_WAIT.samples()), [(0, 120.0)]);
        assert_eq!(world.minutes(&c::JOB_WAIT.max()), [(0, 119.0)]);
        assert_eq!(world.minutes(&c::JOB_EVENTS.sum()), [(0, 7.0)]);
        assert_eq!(held(&world).points.len(), 3);
    }
}

#[test]
fn a_run_counts_once_however_often_it_is_imported() {
    let mut world = World::new();
    let run = ingest::RunEvent { status: ingest::RunStatus::Completed, updated_at: None };
    let id = model::DeliveryId::new("delivery-1").unwrap();
    let past = Past::Run { id, run, received_at: secs(5) };
    for expected in [(1, 0), (0, 1)] {
        let imported = import(&mut world, [past.clone()]);
        assert_eq!((imported.runs, imported.repeated), expected);
        assert_eq!(world.minutes(&c::RUN_EVENTS.sum()), [(0, 1.0)]);
    }
}

/// A pool of its own for each kind of job; no two changes at one instant.
fn history() -> impl Strategy<Value = Vec<Happened>> {
    let one = (1..9_u64, proptest::sample::select(LIFE.to_vec()), 0..40_000_i64);
    proptest::collection::vec(one, 1..30).prop_map(|events| {
        let mut seconds: BTreeSet<i64> = BTreeSet::new();
        let mut seen: BTreeSet<(u64, Phase)> = BTreeSet::new();
        let mut all = Vec::new();
        for (id, phase, at) in events {
            if seconds.insert(at) && seen.insert((id, phase)) {
                all.push((at, job(id).on(["linux", "mac"][usize::from(id % 2 == 0)]), phase));
            }
        }
        all
    })
}

/// What no order of the pieces may change: all but the minute in which a wait or a duration became
/// known, and what was out of order.
fn lasting(held: Held) -> Held {
    let fleeting = [
        c::JOB_WAIT.0.name,
        c::JOB_DURATION.0.name,
        c::WAITS_UNKNOWN.0.name,
        c::DELIVERIES_OUT_OF_ORDER.0.name,
        c::INTERVALS_CLAMPED.0.name,
    ];
    let points = held.points.into_iter().filter(|((metric, ..), _)| !fleeting.contains(&&**metric));
    Held { points: points.collect(), ..held }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_order_within_a_file_does_not_matter(
        all in history(), mixed in proptest::collection::vec(any::<u32>(), 30),
    ) {
        let (mut straight, mut shuffled) = (World::new(), World::new());
        let events = pasts(&mut straight, all);
        let mut other: Vec<_> = mixed.into_iter().zip(events.iter().cloned()).collect();
        other.sort_by_key(|(place, _)| *place);
        import(&mut straight, events);
        import(&mut shuffled, other.into_iter().map(|(_, past)| past));
        prop_assert_eq!(held(&straight), held(&shuffled));
    }

    #[test]
    fn pieces_in_any_order_make_the_same_whole(
        all in history(), mixed in proptest::collection::vec(0..4_u32, 30),
    ) {
        let (mut at_once, mut pieces) = (World::new(), World::new());
        let events = pasts(&mut at_once, all);
        for piece in 0..4 {
            let some = events.iter().zip(&mixed).filter(|(_, of)| **of == piece);
            import(&mut pieces, some.map(|(past, _)| past.clone()));
        }
        import(&mut at_once, events);
        prop_assert_eq!(lasting(held(&at_once)), lasting(held(&pieces)));
    }

    #[test]
    fn an_import_tells_the_levels_that_the_live_way_would_have_told(all in history()) {
        let (mut live, mut imported) = (World::new(), World::new());
        let mut all = all;
        all.sort_by_key(|(at, ..)| *at);
        let events = pasts(&mut imported, all.iter().copied());
        import(&mut imported, events);
        for (at, job, phase) in &all {
            live.at(*at);
            let intake = live.delivery(*job, *phase);
            live.commit(&[intake]).unwrap();
        }
        live.tick();
        let until = live.now.plus(Duration::from_mins(1));
        for pool in ["linux", "mac"] {
            for query in [c::JOBS_WAITING.max(), c::JOBS_RUNNING.max(), c::OLDEST_WAITING_AGE.max(),
                          c::JOBS_WAITING.average(), c::JOB_WAIT.max(), c::JOB_EVENTS.sum()] {
                let query = query.of(Dimension::Pool, pool);
                let told = |world: &World| world.reader().series(&query, Timestamp::EPOCH, until).unwrap();
                prop_assert_eq!(told(&live), told(&imported), "{:?}", query);
            }
        }
    }
}
