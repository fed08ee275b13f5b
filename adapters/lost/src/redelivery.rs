//! Which deliveries GitHub is asked to make once more.
//!
//! An event is known by its GUID, which each attempt to deliver it bears. One that no attempt
//! brought is asked for, the oldest first, and after [`TRIES_MAX`] times in vain no more.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use github::Delivered;
use model::Timestamp;

/// What happened before is not looked for. GitHub keeps deliveries for three days; a job of which
/// nobody heard for longer is found by the API.
/// <https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks>
pub const LOOKS_BACK: Duration = Duration::from_hours(3);

/// The last listing is read again so far back: entries appear late, and clocks differ.
const OVERLAP: Duration = Duration::from_mins(10);

/// Times that one event is asked for: what fails for so long needs somebody's hand.
const TRIES_MAX: u32 = 3;

/// An attempt that was asked for and is not listed by then is asked for again.
const LISTED_WITHIN: Duration = Duration::from_mins(15);

/// Events that are asked for in a round, each by a call: those of an hour at 20 a minute within an
/// hour, by a quarter of a token's allowance.
const ROUND_MAX: usize = 100;

/// Events that tell of jobs.
const EVENTS: [&str; 2] = ["workflow_job", "workflow_run"];

/// Events that no attempt brought.
#[derive(Debug, Default)]
pub struct Book {
    lost: BTreeMap<String, Lost>,
    listed_at: Option<Timestamp>,
}

#[derive(Debug)]
struct Lost {
    first_at: Timestamp,
    /// The last attempt.
    last: u64,
    tries: u32,
    /// The attempt that was asked to be made again, and when.
    asked: Option<(u64, Timestamp)>,
    /// When GitHub's API did not answer whether it makes another.
    unanswered_at: Option<Timestamp>,
}

/// Of each event about jobs that no attempt of a listing brought, the last attempt.
pub fn lost(listed: &[Delivered]) -> Vec<&Delivered> {
    let taken: BTreeSet<&str> =
        listed.iter().filter(|one| one.is_taken()).map(|one| one.guid.as_str()).collect();
    let mut last: BTreeMap<&str, &Delivered> = BTreeMap::new();
    for one in listed.iter().filter(|one| is_of_jobs(one) && !taken.contains(one.guid.as_str())) {
        let known = last.entry(&one.guid).or_insert(one);
        if one.id > known.id {
            *known = one;
        }
    }
    last.into_values().collect()
}

fn is_of_jobs(one: &Delivered) -> bool {
    EVENTS.contains(&one.event.as_str())
}

impl Book {
    /// Deliveries since then are to be listed.
    pub fn since(&self, now: Timestamp) -> Timestamp {
        let oldest = now.minus(LOOKS_BACK);
        self.listed_at.map_or(oldest, |at| at.minus(OVERLAP).max(oldest))
    }

    /// Takes a listing; gives how many events were asked for the last time, in vain.
    pub fn note(&mut self, listed: Vec<Delivered>, now: Timestamp) -> u64 {
        self.listed_at = Some(now);
        let taken: BTreeSet<String> =
            listed.iter().filter(|one| one.is_taken()).map(|one| one.guid.clone()).collect();
        self.lost
            .retain(|guid, lost| !taken.contains(guid) && lost.first_at >= now.minus(LOOKS_BACK));
        let is_lost = |one: &Delivered| is_of_jobs(one) && !taken.contains(&one.guid);
        let mut given_up = 0;
        for one in listed.into_iter().filter(is_lost) {
            let Delivered { id, at, guid, .. } = one;
            let lost = self.lost.entry(guid).or_insert(Lost {
                first_at: at,
                last: id,
                tries: 0,
                asked: None,
                unanswered_at: None,
            });
            lost.first_at = lost.first_at.min(at);
            // Attempts are numbered in their order.
            if id > lost.last {
                lost.last = id;
                // What was not answered was heard.
                lost.tries += u32::from(lost.unanswered_at.take().is_some());
                given_up += u64::from(lost.tries == TRIES_MAX);
            }
        }
        given_up
    }

    /// The events to ask for, by the number of their last attempt.
    pub fn wanted(&self, now: Timestamp) -> Vec<(String, u64)> {
        let is_under_way = |lost: &Lost| {
            let asked = lost.asked.filter(|(attempt, _)| *attempt == lost.last);
            asked.is_some_and(|(_, at)| now < at.plus(LISTED_WITHIN))
        };
        let wanted = |lost: &Lost| lost.tries < TRIES_MAX && !is_under_way(lost);
        let mut wanted: Vec<_> = self.lost.iter().filter(|(_, lost)| wanted(lost)).collect();
        wanted.sort_by_key(|(_, lost)| (lost.unanswered_at, lost.first_at, lost.last));
        wanted.into_iter().take(ROUND_MAX).map(|(guid, lost)| (guid.clone(), lost.last)).collect()
    }

    /// GitHub was asked for one, and took it or refused it for good.
    pub fn asked(&mut self, guid: &str, now: Timestamp) {
        if let Some(lost) = self.lost.get_mut(guid) {
            lost.tries += 1;
            lost.asked = Some((lost.last, now));
            lost.unanswered_at = None;
        }
    }

    /// GitHub was asked for one, and did not answer: the others go before it.
    pub fn unanswered(&mut self, guid: &str, now: Timestamp) {
        if let Some(lost) = self.lost.get_mut(guid) {
            lost.unanswered_at = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_secs(1_790_000_000 + minute * 60)
    }

    fn attempt(id: u64, guid: &str, minute: i64, status: u16) -> Delivered {
        let event = "workflow_job".to_owned();
        Delivered { id, guid: guid.to_owned(), at: at(minute), status, event }
    }

    fn ids(book: &Book, minute: i64) -> Vec<u64> {
        book.wanted(at(minute)).into_iter().map(|(_, id)| id).collect()
    }

    #[test]
    fn what_no_attempt_brought_is_asked_for_the_oldest_first() {
        let mut book = Book::default();
        let push = Delivered { event: "push".into(), ..attempt(5, "e", -9, 500) };
        book.note(
            vec![
                attempt(4, "d", -1, 202),
                attempt(3, "c", -2, 503),
                attempt(2, "b", -3, 0),
                attempt(1, "d", -4, 500),
                push,
            ],
            at(0),
        );
        assert_eq!(ids(&book, 0), [2, 3]);
    }

    #[test]
    fn what_is_lost_is_told_by_its_last_attempt() {
        let listed = [
            attempt(4, "a", -1, 401),
            attempt(3, "b", -2, 202),
            attempt(2, "b", -3, 0),
            attempt(1, "a", -4, 0),
        ];
        assert_eq!(lost(&listed), [&listed[0]]);
    }

    #[test]
    fn one_that_is_under_way_is_not_asked_for_again_and_one_that_fails_again_is_three_times() {
        let mut book = Book::default();
        assert_eq!(book.note(vec![attempt(1, "a", -3, 0)], at(0)), 0);
        let mut given_up = 0;
        for (round, minute) in (0..4).zip([0, 5, 10, 15]) {
            let expected: &[u64] = if round < 3 { &[round + 1] } else { &[] };
            assert_eq!(ids(&book, minute), expected, "round {round}");
            book.asked("a", at(minute));
            assert!(ids(&book, minute + 1).is_empty(), "its result is not known yet");
            given_up += book.note(vec![attempt(round + 2, "a", minute + 2, 401)], at(minute + 4));
        }
        assert_eq!(given_up, 1, "it is told once");
    }

    #[test]
    fn an_attempt_that_never_shows_is_asked_for_again() {
        let mut book = Book::default();
        book.note(vec![attempt(1, "a", -3, 0)], at(0));
        book.asked("a", at(0));
        assert!(ids(&book, 14).is_empty());
        assert_eq!(ids(&book, 15), [1]);
    }

    #[test]
    fn what_was_not_answered_is_asked_for_last_and_counts_if_it_was_heard() {
        let mut book = Book::default();
        book.note(vec![attempt(2, "b", -2, 0), attempt(1, "a", -3, 0)], at(0));
        assert_eq!(ids(&book, 0), [1, 2]);
        book.unanswered("a", at(0));
        assert_eq!(ids(&book, 0), [2, 1]);
        let mut given_up = 0;
        for minute in 1..=3 {
            given_up += book.note(vec![attempt(10 + minute, "a", 0, 401)], at(0));
            book.unanswered("a", at(0));
        }
        assert_eq!((ids(&book, 0), given_up), (vec![2], 1), "it was heard three times");
    }

    #[test]
    fn what_came_after_all_and_what_is_old_is_forgotten() {
        let mut book = Book::default();
        book.note(vec![attempt(2, "b", -4, 0), attempt(1, "a", -3, 0)], at(0));
        book.asked("a", at(0));
        book.note(vec![attempt(3, "a", 1, 202), attempt(1, "a", -3, 0)], at(5));
        assert_eq!(ids(&book, 5), [2]);
        book.note(vec![], at(180));
        assert!(ids(&book, 180).is_empty());
    }

    #[test]
    fn only_the_first_listing_is_long() {
        let mut book = Book::default();
        assert_eq!(book.since(at(0)), at(-180));
        book.note(vec![], at(0));
        assert_eq!(book.since(at(5)), at(-10));
        assert_eq!(book.since(at(1000)), at(820));
    }

    #[test]
    fn a_round_is_bounded() {
        let mut book = Book::default();
        let many = (0..1000).map(|n| attempt(n, &format!("g{n}"), -1, 0)).collect();
        book.note(many, at(0));
        assert_eq!(ids(&book, 0).len(), ROUND_MAX);
    }
}
