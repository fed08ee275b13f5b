//! Lines reach a log stream whole, once, and in order, or the flush says that they did not.

use std::io::Write;

use aws::logs::{BATCH_EVENTS_MAX, Printer, Stream};
use serde_json::{Value, json};

use crate::world::{Answer, Call, TRIES, World, done, refused};

fn printer(world: &World) -> Printer {
    let stream = Stream { group: "headroom".into(), name: "host-1".into() };
    Printer::new(&world.aws, stream)
}

fn line(at_ms: i64) -> String {
    format!("{{\"_aws\":{{\"Timestamp\":{at_ms},\"CloudWatchMetrics\":[]}}}}\n")
}

fn lines(count: usize) -> String {
    (0..i64::try_from(count).unwrap()).map(line).collect()
}

/// The names of the calls, and how many events each carried.
fn told(world: &World) -> Vec<(String, usize)> {
    let events = |call: &Call| call.body["logEvents"].as_array().map_or(0, Vec::len);
    world.calls().iter().map(|call| (call.name.clone(), events(call))).collect()
}

fn put(events: usize) -> (String, usize) {
    ("PutLogEvents".to_owned(), events)
}

fn created() -> (String, usize) {
    ("CreateLogStream".to_owned(), 0)
}

#[test]
fn the_stream_is_made_once_and_lines_are_events_of_their_own_time() {
    let world = World::of(|_| done(json!({})));
    let mut printer = printer(&world);
    printer.write_all(line(2_000).as_bytes()).unwrap();
    printer.write_all(line(1_000).as_bytes()).unwrap();
    printer.flush().unwrap();
    printer.flush().unwrap();
    printer.write_all(line(3_000).as_bytes()).unwrap();
    printer.flush().unwrap();
    assert_eq!(told(&world), [created(), put(2), put(1)]);
    let body = &world.calls()[1].body;
    assert_eq!([&body["logGroupName"], &body["logStreamName"]], ["headroom", "host-1"]);
    let event = |at_ms: i64| json!({ "timestamp": at_ms, "message": line(at_ms).trim_end() });
    assert_eq!(body["logEvents"], Value::Array(vec![event(1_000), event(2_000)]));
}

#[test]
fn a_stream_that_is_there_already_is_no_failure() {
    let world = World::of(|call| match call.name.as_str() {
        "CreateLogStream" => refused("ResourceAlreadyExistsException", "it is there"),
        _ => done(json!({})),
    });
    let mut printer = printer(&world);
    printer.write_all(line(1).as_bytes()).unwrap();
    printer.flush().unwrap();
    assert_eq!(told(&world), [created(), put(1)]);
}

#[test]
fn a_missing_group_is_an_error_that_names_the_call() {
    let missing =
        || refused("ResourceNotFoundException", "The specified log group does not exist.");
    let world = World::of(move |_| missing());
    let mut printer = printer(&world);
    printer.write_all(line(1).as_bytes()).unwrap();
    let error = printer.flush().unwrap_err().to_string();
    assert!(error.contains("logs:CreateLogStream") && error.contains("log group"), "{error}");
}

#[test]
fn of_a_whole_that_fails_half_way_only_the_rest_is_sent_again() {
    let throttled = || (0..TRIES).map(|_| refused("ThrottlingException", "Rate exceeded"));
    let ok = || done(json!({}));
    let answers: Vec<Answer> =
        [ok(), ok()].into_iter().chain(throttled()).chain([ok(), ok(), ok()]).collect();
    let world = World::answers(answers);
    let mut printer = printer(&world);
    let whole = lines(2 * BATCH_EVENTS_MAX + 7);
    printer.write_all(whole.as_bytes()).unwrap();
    assert!(printer.flush().is_err());
    // What failed is written again by whoever wrote it; nothing is left over from before.
    printer.write_all(whole.as_bytes()).unwrap();
    printer.flush().unwrap();
    let (full, rest) = (put(BATCH_EVENTS_MAX), put(7));
    let tries = std::iter::repeat_n(full.clone(), TRIES as usize);
    let expected: Vec<_> =
        [created(), full.clone()].into_iter().chain(tries).chain([full, rest]).collect();
    assert_eq!(told(&world), expected);
    // Another whole starts at its beginning.
    printer.write_all(line(1).as_bytes()).unwrap();
    printer.flush().unwrap();
    assert_eq!(told(&world).last(), Some(&put(1)));
}

#[test]
fn a_stream_that_was_deleted_is_made_again() {
    let missing = refused("ResourceNotFoundException", "The specified log stream does not exist.");
    let ok = || done(json!({}));
    let world = World::answers([ok(), ok(), missing, ok(), ok()]);
    let mut printer = printer(&world);
    for (at_ms, is_taken) in [(1, true), (2, false), (2, true)] {
        printer.write_all(line(at_ms).as_bytes()).unwrap();
        assert_eq!(printer.flush().is_ok(), is_taken, "{at_ms}");
    }
    assert_eq!(told(&world), [created(), put(1), put(1), created(), put(1)]);
}

#[test]
fn what_is_too_old_for_aws_is_not_tried_for_ever() {
    let world = World::of(|call| match call.name.as_str() {
        "PutLogEvents" => done(json!({ "rejectedLogEventsInfo": { "tooOldLogEventEndIndex": 1 } })),
        _ => done(json!({})),
    });
    let mut printer = printer(&world);
    printer.write_all(line(1).as_bytes()).unwrap();
    printer.flush().unwrap();
    assert_eq!(told(&world), [created(), put(1)]);
}
