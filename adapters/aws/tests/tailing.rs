//! A log group that grows is told once, however often the same stretch is asked for.

use std::time::Duration;

use aws::logs::{LogGroup, Tail, Told};
use model::Timestamp;

use crate::reading::page;
use crate::world::{Answer, TRIES, World, done, refused};

const OVERLAP: Duration = Duration::from_secs(30);

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(secs)
}

fn tail(world: &World) -> Tail {
    Tail::new(LogGroup::named(&world.aws, "ingest"), at(100), OVERLAP)
}

/// Reads, and gives the ids of what was handed over.
fn read(tail: &mut Tail, now: i64) -> (Vec<String>, Result<Told, aws::CallError>) {
    let mut ids = Vec::new();
    let told = tail.read(at(now), &mut |text, _| {
        ids.push(text.split(' ').next().unwrap().to_owned());
    });
    (ids, told)
}

fn throttled() -> impl Iterator<Item = Answer> {
    (0..TRIES).map(|_| refused("ThrottlingException", "Rate exceeded"))
}

#[test]
fn what_comes_again_in_the_overlap_is_told_once_and_what_comes_late_is_told() {
    let world = World::answers([
        done(page(&[("a", 101_000), ("b", 119_000)], None)),
        done(page(&[("b", 119_000), ("late", 118_000), ("c", 121_000)], None)),
    ]);
    let mut tail = tail(&world);
    assert_eq!(read(&mut tail, 120).0, ["a", "b"]);
    let (ids, told) = read(&mut tail, 130);
    assert_eq!(ids, ["late", "c"]);
    assert_eq!(told, Ok(Told { events: 2, repeated: 1, pages: 1 }));
    let starts: Vec<i64> =
        world.calls().iter().map(|call| call.body["startTime"].as_i64().unwrap()).collect();
    assert_eq!(starts, [100_000, 100_000]);
    assert_eq!(tail.starts_at(), at(100));
}

#[test]
fn two_events_of_one_instant_are_two() {
    let world = World::answers([
        done(page(&[("a", 140_000)], None)),
        done(page(&[("a", 140_000), ("b", 140_000)], None)),
    ]);
    let mut tail = tail(&world);
    assert_eq!([read(&mut tail, 141).0, read(&mut tail, 142).0], [["a"], ["b"]]);
}

#[test]
fn a_reading_that_breaks_off_goes_on_and_tells_nothing_twice() {
    let first = done(page(&[("a", 200_000)], Some("1")));
    let again = done(page(&[("a", 200_000), ("b", 200_500)], None));
    let answers = std::iter::once(first).chain(throttled()).chain([again]);
    let world = World::answers(answers);
    let mut tail = tail(&world);
    let (ids, told) = read(&mut tail, 300);
    assert_eq!((ids, told.unwrap_err().may_pass()), (vec!["a".to_owned()], true));
    let (ids, told) = read(&mut tail, 310);
    assert_eq!((ids, told.unwrap().repeated), (vec!["b".to_owned()], 1));
    let starts: Vec<_> = world.calls().iter().map(|call| call.body["startTime"].clone()).collect();
    assert!(starts.iter().all(|start| *start == 100_000), "{starts:?}");
}

#[test]
fn a_clock_that_steps_back_reads_nothing_anew() {
    let world = World::of(|_| done(page(&[("a", 199_000)], None)));
    let mut tail = tail(&world);
    assert_eq!(read(&mut tail, 200).0, ["a"]);
    assert!(read(&mut tail, 150).0.is_empty());
    assert_eq!(tail.starts_at(), at(170));
}

#[test]
fn events_of_a_clock_that_is_ahead_are_told_once_as_well() {
    let world = World::of(|_| done(page(&[("ahead", 3_000_000)], None)));
    let mut tail = tail(&world);
    let told: Vec<usize> = (200..210).map(|now| read(&mut tail, now * 10).0.len()).collect();
    assert_eq!(told.iter().sum::<usize>(), 1, "{told:?}");
}
