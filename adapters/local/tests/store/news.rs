//! Alarms and notifications are kept whole, in order, bounded, and for as long as they are needed.

use std::collections::BTreeSet;
use std::time::Duration;

use local::news::{Attempt, AttemptResult, Change, Message, News, PENDING_MAX};
use model::Timestamp;

use crate::world::{World, secs};

const FAR: Duration = Duration::from_hours(1);

fn change(at: i64, alarm: &str, pool: Option<&str>, state: &str) -> Change {
    Change {
        alarm: alarm.into(),
        pool: pool.map(str::to_owned),
        state: state.into(),
        at: secs(at),
        text: format!("{{\"at\":{at}}}"),
    }
}

fn message(id: &str, target: &str, at: i64) -> Message {
    Message { id: id.into(), target: target.into(), made_at: secs(at), text: "{}".into() }
}

fn messages(messages: impl IntoIterator<Item = Message>) -> News {
    News { messages: messages.into_iter().collect(), ..News::default() }
}

fn next(world: &World, target: &str, now: Timestamp) -> Option<(String, u32)> {
    let next = world.reader().next_message(target, now, now.plus(FAR)).unwrap();
    next.map(|pending| (pending.message.id, pending.attempts))
}

fn tried(world: &mut World, id: &str, at: i64, result: AttemptResult) {
    world.store().tried(&Attempt { id: id.into(), at: secs(at), result }).unwrap();
}

fn again(next_at: i64) -> AttemptResult {
    AttemptResult::Again { next_at: secs(next_at), trouble: "it is away".into() }
}

#[test]
fn how_alarms_stand_and_what_is_to_be_told_outlives_a_kill() {
    let mut world = World::new();
    let news = News {
        changes: vec![change(60, "down", Some("linux"), "ALARM"), change(60, "lag", None, "ALARM")],
        memory: Some("memory".into()),
        ..messages([message("a", "pager", 60)])
    };
    assert_eq!(world.store().note(&news).unwrap(), 0);
    world
        .store()
        .note(&News { changes: vec![change(120, "lag", None, "OK")], ..News::default() })
        .unwrap();
    world.reopen();
    let standings = world.reader().standings().unwrap();
    assert_eq!(standings, [news.changes[0].clone(), change(120, "lag", None, "OK")]);
    assert_eq!(world.reader().notifier().unwrap().as_deref(), Some("memory"));
    assert_eq!(next(&world, "pager", secs(60)), Some(("a".into(), 0)));
    let all = world.reader().changes(secs(0), None, None, 10).unwrap();
    assert_eq!(all.iter().map(|it| it.at).collect::<Vec<_>>(), [secs(120), secs(60), secs(60)]);
    let of = |alarm, pool| world.reader().changes(secs(61), alarm, pool, 10).unwrap().len();
    assert_eq!((of(None, None), of(Some("lag"), None), of(None, Some("linux"))), (1, 1, 0));
    let gone = News { forgotten: vec![("lag".into(), None)], ..News::default() };
    world.store().note(&gone).unwrap();
    assert_eq!(world.reader().standings().unwrap().len(), 1);
}

#[test]
fn messages_are_sent_in_their_order_when_they_are_due() {
    let mut world = World::new();
    world.store().note(&messages([message("a", "pager", 0), message("b", "pager", 0)])).unwrap();
    world.store().note(&messages([message("c", "chat", 0)])).unwrap();
    assert_eq!(next(&world, "chat", secs(0)), Some(("c".into(), 0)));
    tried(&mut world, "a", 1, again(100));
    assert_eq!(next(&world, "pager", secs(1)), Some(("b".into(), 0)), "a rests");
    assert_eq!(world.reader().next_message_at("pager").unwrap(), Some(secs(0)));
    tried(&mut world, "b", 2, AttemptResult::Delivered);
    assert_eq!(next(&world, "pager", secs(99)), None);
    world.reopen();
    assert_eq!(next(&world, "pager", secs(100)), Some(("a".into(), 1)));
    let mailboxes = world.reader().mailboxes().unwrap();
    assert_eq!((mailboxes[1].pending, mailboxes[1].oldest_at), (1, Some(secs(0))));
    assert_eq!(mailboxes[1].trouble.as_deref(), Some("it is away"));
    tried(&mut world, "a", 100, AttemptResult::GivenUp { trouble: "too old".into() });
    let mailboxes = world.reader().mailboxes().unwrap();
    assert_eq!((mailboxes[1].pending, mailboxes[1].given_up), (0, 1));
    assert_eq!(mailboxes[1].delivered_at, Some(secs(2)));
}

#[test]
fn one_that_was_put_off_by_a_clock_that_was_ahead_is_sent_all_the_same() {
    let mut world = World::new();
    world.store().note(&messages([message("a", "pager", 0)])).unwrap();
    tried(&mut world, "a", 90_000, again(90_060));
    assert_eq!(next(&world, "pager", secs(0)), Some(("a".into(), 1)));
}

#[test]
fn beyond_their_room_the_oldest_are_given_up_and_counted() {
    let mut world = World::new();
    let all = |from: u32, to: u32| (from..to).map(|n| message(&format!("id {n}"), "pager", 0));
    assert_eq!(world.store().note(&messages(all(0, PENDING_MAX))).unwrap(), 0);
    let more = messages(all(PENDING_MAX, PENDING_MAX + 3).chain([message("x", "chat", 0)]));
    assert_eq!(world.store().note(&more).unwrap(), 3);
    assert_eq!(next(&world, "pager", secs(0)), Some(("id 3".into(), 0)));
    assert_eq!(next(&world, "chat", secs(0)), Some(("x".into(), 0)));
    let mailboxes = world.reader().mailboxes().unwrap();
    assert_eq!((mailboxes[1].pending, mailboxes[1].given_up), (u64::from(PENDING_MAX), 3));
}

#[test]
fn targets_that_are_not_known_any_more_get_nothing() {
    let mut world = World::new();
    world.store().note(&messages([message("a", "pager", 0), message("b", "chat", 0)])).unwrap();
    let known = BTreeSet::from(["chat".to_owned()]);
    assert_eq!(world.store().give_up_other_targets(&known, secs(9)).unwrap(), 1);
    assert_eq!(
        (next(&world, "pager", secs(9)), next(&world, "chat", secs(9))),
        (None, Some(("b".into(), 0)))
    );
}

#[test]
fn what_is_done_and_old_is_let_go_and_what_is_pending_is_not() {
    let mut world = World::new();
    world.tick();
    world.store().note(&messages([message("a", "pager", 0), message("b", "chat", 0)])).unwrap();
    let news = News { changes: vec![change(0, "down", None, "ALARM")], ..News::default() };
    world.store().note(&news).unwrap();
    tried(&mut world, "a", 1, AttemptResult::Delivered);
    world.at(8 * 86_400).tick();
    let mailboxes = world.reader().mailboxes().unwrap();
    assert_eq!((mailboxes.len(), mailboxes[0].target.as_str()), (1, "chat"));
    assert_eq!(world.reader().changes(secs(0), None, None, 10).unwrap().len(), 1);
    world.at(91 * 86_400).tick();
    assert_eq!(world.reader().changes(secs(0), None, None, 10).unwrap().len(), 0);
    assert_eq!(world.reader().standings().unwrap().len(), 1, "how it stands is not forgotten");
}

#[test]
fn an_id_is_taken_once() {
    let mut world = World::new();
    for _ in 0..2 {
        world.store().note(&messages([message("a", "pager", 0)])).unwrap();
    }
    tried(&mut world, "a", 0, AttemptResult::Delivered);
    assert_eq!(next(&world, "pager", secs(0)), None);
}
