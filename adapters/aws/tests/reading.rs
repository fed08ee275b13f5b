//! A log group is read to its end, whatever its pages look like.

use aws::Why;
use aws::logs::{EMF_ONLY, LogGroup, Span, Told};
use model::Timestamp;
use serde_json::{Value, json};

use crate::world::{TRIES, World, done, refused};

const SPAN: Span =
    Span { from: Timestamp::from_millis(60_000), to: Timestamp::from_millis(120_000) };

/// A page of events, each with its id, its time and a text that says both.
pub fn page(events: &[(&str, i64)], next: Option<&str>) -> Value {
    let event = |(id, at): &(&str, i64)| json!({ "eventId": id, "timestamp": at, "message": format!("{id} at {at}") });
    let events: Vec<Value> = events.iter().map(event).collect();
    match next {
        Some(next) => json!({ "events": events, "nextToken": next }),
        None => json!({ "events": events }),
    }
}

fn read(world: &World) -> (Result<Told, aws::CallError>, Vec<String>) {
    let mut texts = Vec::new();
    let group = LogGroup::named(&world.aws, "ingest");
    let told = group.read(SPAN, &mut |text, _| texts.push(text.to_owned()));
    (told, texts)
}

#[test]
fn every_page_is_read_also_behind_an_empty_one() {
    let world = World::answers([
        done(page(&[("a", 60_000), ("b", 61_000)], Some("1"))),
        done(page(&[], Some("2"))),
        done(page(&[("c", 119_999)], None)),
    ]);
    let (told, texts) = read(&world);
    assert_eq!(told, Ok(Told { events: 3, repeated: 0, pages: 3 }));
    assert_eq!(texts, ["a at 60000", "b at 61000", "c at 119999"]);
    let asked: Vec<Value> = world.calls().into_iter().map(|call| call.body).collect();
    let first = json!({
        "logGroupName": "ingest", "startTime": 60_000, "endTime": 119_999,
        "filterPattern": EMF_ONLY,
    });
    assert_eq!(asked[0], first);
    assert_eq!([&asked[1]["nextToken"], &asked[2]["nextToken"]], ["1", "2"]);
}

#[test]
fn a_group_of_another_account_is_named_by_its_arn() {
    let world = World::answers([done(page(&[], None))]);
    let arn = "arn:aws:logs:eu-west-1:123456789012:log-group:ingest";
    LogGroup::named(&world.aws, arn).read(SPAN, &mut |_, _| {}).unwrap();
    assert_eq!(world.calls()[0].body["logGroupIdentifier"], arn);
}

#[test]
fn a_throttle_that_passes_is_not_noticed() {
    let throttle = || refused("ThrottlingException", "Rate exceeded");
    let world = World::answers([
        throttle(),
        done(page(&[("a", 60_000)], Some("1"))),
        throttle(),
        throttle(),
        done(page(&[("b", 60_001)], None)),
    ]);
    let (told, texts) = read(&world);
    assert_eq!((told.unwrap().events, texts.len()), (2, 2));
}

#[test]
fn a_throttle_that_lasts_is_an_error_after_what_was_read() {
    let throttles = (0..TRIES).map(|_| refused("ThrottlingException", "Rate exceeded"));
    let first = done(page(&[("a", 60_000)], Some("1")));
    let world = World::answers(std::iter::once(first).chain(throttles));
    let (told, texts) = read(&world);
    let error = told.unwrap_err();
    assert_eq!(
        (error.why.clone(), texts.len()),
        (Why::Throttled { said: "Rate exceeded".into() }, 1)
    );
    assert!(error.may_pass());
}

#[test]
fn a_token_that_leads_nowhere_ends_the_reading() {
    let world = World::of(|_| done(page(&[("a", 60_000)], Some("same"))));
    let (told, _) = read(&world);
    assert_eq!(told.unwrap().pages, 2);
}
