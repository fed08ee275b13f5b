//! What targets are told of incidents that begin, get worse, flap, last and end.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::Timestamp;

use super::*;
use crate::{Alarm, Figure, Scope, Severity, State, Transition, Watch};

/// A whole minute.
const ORIGIN: i64 = 1_700_000_040;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(ORIGIN + secs)
}

/// A notifier and what it told so far.
struct Desk {
    notifier: Notifier,
    told: Vec<(i64, String)>,
}

impl Desk {
    fn new() -> Self {
        let all: BTreeSet<Severity> = [Severity::Page, Severity::Ticket].into();
        Desk::with(Policy { targets: [("all".to_owned(), all)].into(), ..Policy::default() })
    }

    fn with(policy: Policy) -> Self {
        Desk { notifier: Notifier::new(policy, Memory::default()), told: Vec::new() }
    }

    /// The process ends and another one goes on with what it had stored.
    fn restarted(&mut self) -> &mut Self {
        let stored = serde_json::to_string(self.notifier.memory()).unwrap();
        let memory = serde_json::from_str(&stored).unwrap();
        self.notifier = Notifier::new(self.notifier.policy().clone(), memory);
        self
    }

    fn step(&mut self, secs: i64, events: &[Transition]) -> Vec<Notification> {
        let drafts = self.notifier.step(events, at(secs));
        let links = Links::to("https://headroom.example.com/");
        let finish = |draft: Draft| draft.finish("id".into(), &Facts::default(), &links);
        let made: Vec<Notification> = drafts.into_iter().map(finish).collect();
        for notification in &made {
            let line = format!("{} {}", notification.target, notification.headline);
            self.told.push((secs, line));
        }
        made
    }

    /// One alarm of one pool changes.
    fn change(&mut self, secs: i64, alarm: &str, pool: &str, state: State) -> &mut Self {
        self.step(secs, &[event(secs, alarm, pool, state)]);
        self
    }

    /// Looks each half minute, as long as told.
    fn wait(&mut self, from: i64, to: i64) -> &mut Self {
        (from..=to).step_by(30).for_each(|secs| drop(self.step(secs, &[])));
        self
    }

    #[track_caller]
    fn told(&mut self, expected: &[(i64, &str)]) -> &mut Self {
        let told: Vec<(i64, &str)> =
            self.told.iter().map(|(secs, line)| (*secs, line.as_str())).collect();
        assert_eq!(told, expected);
        self.told.clear();
        self
    }
}

fn event(secs: i64, alarm: &str, pool: &str, state: State) -> Transition {
    Transition {
        alarm: alarm.into(),
        pool: Some(pool.to_owned()).filter(|pool| !pool.is_empty()),
        severity: if alarm.starts_with("slow") { Severity::Ticket } else { Severity::Page },
        part_of: None,
        from: if state == Firing { Calm } else { Firing },
        to: state,
        at: at(secs),
        since: at(secs),
        figures: Vec::new(),
        reason: format!("{alarm} at {secs}"),
    }
}

use State::{Alarm as Firing, InsufficientData as NoData, Ok as Calm};

#[test]
fn an_incident_is_told_once_and_once_that_it_is_over() {
    let mut desk = Desk::new();
    desk.change(0, "exhausted", "linux", Firing).wait(30, 600);
    desk.told(&[(30, "all PAGE: pool linux: exhausted")]);
    desk.change(600, "exhausted", "linux", Calm).wait(630, 3_600);
    desk.told(&[(900, "all OVER: pool linux: exhausted, after 10 min")]);
    desk.wait(3_600, 9_000).told(&[]);
    assert_eq!(desk.notifier.memory(), &empty_for("all"), "nothing is left of it");
}

fn empty_for(target: &str) -> Memory {
    serde_json::from_value(serde_json::json!({"threads": {target: {}}})).unwrap()
}

#[test]
fn what_fires_within_the_window_shares_one_message() {
    let mut desk = Desk::new();
    desk.change(0, "exhausted", "linux", Firing);
    desk.change(10, "exhausted", "arm", Firing);
    desk.change(20, "exhausted", "", Firing);
    let told = desk.step(30, &[]);
    assert_eq!((told.len(), told[0].incidents.len()), (1, 3));
    desk.told(&[(30, "all PAGE: fleet: exhausted; and 2 more")]);
}

#[test]
fn one_incident_pages_once_however_many_alarms_belong_to_it() {
    let mut desk = Desk::new();
    desk.change(0, "exhausted", "linux", Firing).wait(30, 60);
    desk.change(90, "oldest-too-old", "linux", Firing).wait(120, 300);
    desk.change(300, "exhausted", "linux", Calm).wait(330, 1_200);
    desk.told(&[(30, "all PAGE: pool linux: exhausted")]);
    desk.change(1_200, "oldest-too-old", "linux", Calm).wait(1_230, 2_000);
    desk.told(&[(1_500, "all OVER: pool linux: exhausted, oldest-too-old, after 20 min")]);
}

#[test]
fn one_that_gets_worse_is_told_again_at_once() {
    let mut desk = Desk::new();
    desk.change(0, "slow-waits", "linux", Firing).wait(30, 60);
    desk.change(90, "exhausted", "linux", Firing);
    desk.told(&[
        (30, "all TICKET: pool linux: slow-waits"),
        (90, "all PAGE: pool linux: exhausted, slow-waits, got worse"),
    ]);
    desk.wait(120, 3_600).told(&[]);
}

#[test]
fn one_that_lasts_is_told_of_again_after_a_while() {
    let mut desk = Desk::new();
    desk.change(0, "exhausted", "linux", Firing).wait(30, 9 * 3_600);
    desk.told(&[
        (30, "all PAGE: pool linux: exhausted"),
        (14_430, "all PAGE: pool linux: exhausted, for 4 h now"),
        (28_830, "all PAGE: pool linux: exhausted, for 8 h now"),
    ]);
}

#[test]
fn an_alarm_that_flaps_for_a_day_tells_a_few_times() {
    for period in [2, 10, 14, 45] {
        let mut desk = Desk::new();
        for minute in 0..24 * 60 {
            let state = if minute % period < period / 2 { Firing } else { Calm };
            let changes = minute % period == 0 || minute % period == period / 2;
            let events = [event(minute * 60, "exhausted", "linux", state)];
            desk.step(minute * 60, if changes { &events } else { &[] });
            desk.step(minute * 60 + 30, &[]);
        }
        assert!((2..=12).contains(&desk.told.len()), "{period}: {:#?}", desk.told);
    }
}

#[test]
fn what_is_over_before_it_was_told_is_not_told() {
    let mut desk = Desk::new();
    desk.change(0, "exhausted", "linux", Firing).change(10, "exhausted", "linux", Calm);
    desk.wait(30, 7_200).told(&[]);
}

#[test]
fn one_of_which_nothing_is_known_any_more_is_not_over() {
    let mut desk = Desk::new();
    desk.change(0, "exhausted", "linux", Firing).wait(30, 60);
    desk.change(60, "exhausted", "linux", NoData).wait(90, 3_600);
    desk.told(&[(30, "all PAGE: pool linux: exhausted")]);
    desk.change(3_600, "exhausted", "linux", Calm).wait(3_630, 4_000);
    desk.told(&[(3_900, "all OVER: pool linux: exhausted, after 60 min")]);
}

#[test]
fn a_restart_at_any_moment_tells_nothing_twice_and_forgets_nothing() {
    let story = |restarts: bool| {
        let mut desk = Desk::new();
        for secs in (0..30_000).step_by(30) {
            let events = match secs {
                0 => vec![event(secs, "slow-waits", "linux", Firing)],
                300 | 1_500 => vec![event(secs, "exhausted", "linux", Firing)],
                600 | 16_000..16_030 => vec![event(secs, "exhausted", "linux", Calm)],
                900 => vec![event(secs, "slow-waits", "linux", Calm)],
                _ => vec![],
            };
            desk.step(secs, &events);
            if restarts {
                desk.restarted();
            }
        }
        desk.told
    };
    assert_eq!(story(true), story(false));
    assert!(story(false).len() >= 4, "{:?}", story(false));
}

#[test]
fn each_target_hears_of_its_severities_alone() {
    let only = |severity| BTreeSet::from([severity]);
    let targets = BTreeMap::from([
        ("desk".to_owned(), only(Severity::Ticket)),
        ("pager".to_owned(), only(Severity::Page)),
    ]);
    let mut desk = Desk::with(Policy { targets, group: Duration::ZERO, ..Policy::default() });
    desk.change(0, "slow-waits", "linux", Firing).change(60, "exhausted", "linux", Firing);
    desk.change(120, "exhausted", "linux", Calm).wait(150, 900);
    desk.told(&[
        (0, "desk TICKET: pool linux: slow-waits"),
        (60, "pager PAGE: pool linux: exhausted"),
        (420, "pager OVER: pool linux: exhausted, after 60 s"),
    ]);
}

#[test]
fn a_target_that_is_new_hears_of_what_holds() {
    let mut desk = Desk::with(Policy::default());
    desk.change(0, "exhausted", "linux", Firing).wait(30, 600).told(&[]);
    let memory = desk.notifier.memory().clone();
    let mut desk = Desk::new();
    desk.notifier = Notifier::new(desk.notifier.policy().clone(), memory);
    desk.wait(630, 900).told(&[(630, "all PAGE: pool linux: exhausted")]);
}

#[test]
fn the_next_instant_is_when_something_is_told() {
    let mut desk = Desk::new();
    desk.change(0, "exhausted", "linux", Firing);
    assert_eq!(desk.notifier.next_at(), Some(at(30)));
    desk.wait(30, 30);
    assert_eq!(desk.notifier.next_at(), Some(at(30 + 4 * 3_600)));
    desk.change(60, "exhausted", "linux", Calm);
    assert_eq!(desk.notifier.next_at(), Some(at(60 + 300)));
}

#[test]
fn a_flood_of_pools_is_one_message_that_counts_what_it_leaves_out() {
    let mut desk = Desk::new();
    let events: Vec<Transition> =
        (0..50).map(|n| event(0, "exhausted", &format!("p{n}"), Firing)).collect();
    desk.step(0, &events);
    let told = desk.step(30, &[]);
    assert_eq!((told.len(), told[0].incidents.len(), told[0].omitted), (1, 20, 30));
    assert!(plain(&told[0]).contains("30 more are not listed"));
    desk.told(&[(30, "all PAGE: pool p0: exhausted; and 49 more")]);
}

fn exhausted() -> Alarm {
    Alarm {
        name: "pool-exhausted",
        title: "Pool exhausted",
        severity: Severity::Page,
        scope: Scope::Pool,
        watch: Watch::AnyOf(vec!["a", "b"]),
        part_of: None,
        meaning: "Jobs wait, and no more runners may be started.",
        causes: &["More jobs than usual.", "Jobs hang."],
        remedy: &["Raise runners_max.", "Look for jobs that hang."],
    }
}

/// Everything that a message can say.
fn full() -> (Notification, Notification) {
    let mut desk = Desk::new();
    desk.change(0, "pool-exhausted", "linux <x64>", Firing);
    let waiting = Figure { label: "jobs waiting".into(), value: Some(31.0), unit: "Count".into() };
    let oldest = Figure { label: "oldest".into(), value: Some(1_860.0), unit: "Seconds".into() };
    let key = ("pool-exhausted".to_owned(), "linux <x64>".to_owned());
    let now = Said { figures: vec![waiting, oldest], reason: String::new() };
    let facts = Facts {
        alarms: [("pool-exhausted".to_owned(), exhausted())].into(),
        now: [(key.clone(), now)].into(),
        notes: [(key, "No more is launched.".into())].into(),
        impacts: [(
            "linux <x64>".to_owned(),
            Impact {
                jobs_started: 412,
                wait_p50_secs: Some(300),
                wait_max_secs: Some(2_280),
                jobs_waiting: 0,
            },
        )]
        .into(),
    };
    let links = Links::to("https://headroom.example.com/");
    let finish = |desk: &mut Desk, secs: i64| {
        let draft = desk.notifier.step(&[], at(secs)).pop().unwrap();
        draft.finish(format!("id-{secs}"), &facts, &links)
    };
    let began = finish(&mut desk, 30);
    desk.change(2_520, "pool-exhausted", "linux <x64>", Calm);
    let over = finish(&mut desk, 2_820);
    (began, over)
}

#[test]
fn a_message_says_what_it_means_and_what_to_do() {
    let (began, over) = full();
    let expected = "\
PAGE: pool linux <x64>: pool-exhausted

PAGE in pool linux <x64> since 2023-11-14T22:14:00Z.

* pool-exhausted (firing): Jobs wait, and no more runners may be started.
  At 2023-11-14T22:14:00Z: pool-exhausted at 0
  Now: jobs waiting: 31, oldest: 31 min
  No more is launched.
  Likely causes:
    1. More jobs than usual.
    2. Jobs hang.
  What to do:
    1. Raise runners_max.
    2. Look for jobs that hang.
  Runbook: https://headroom.example.com/runbooks/pool-exhausted
Dashboard: https://headroom.example.com/?pool=linux%20%3Cx64%3E
";
    assert_eq!(plain(&began), expected);
    let over = plain(&over);
    for part in [
        "OVER: pool linux <x64>: pool-exhausted, after 42 min\n",
        "it lasted 42 min, from 2023-11-14T22:14:00Z until 2023-11-14T22:56:00Z.",
        "412 jobs got a runner meanwhile, after 5 min (median) and 38 min at most; none waits now.",
    ] {
        assert!(over.contains(part), "{over}");
    }
    assert!(!over.contains("What to do"), "{over}");
}

#[test]
fn slack_gets_the_same_escaped() {
    let (began, over) = full();
    let message = slack(&began);
    assert_eq!(message["text"], "*PAGE: pool linux &lt;x64&gt;: pool-exhausted*");
    let attachment = &message["attachments"][0];
    assert_eq!(attachment["title"], "PAGE pool linux &lt;x64&gt;");
    assert_eq!(attachment["title_link"], "https://headroom.example.com/?pool=linux%20%3Cx64%3E");
    let text = attachment["text"].as_str().unwrap();
    for part in [
        "*pool-exhausted*: Jobs wait",
        "Then: pool-exhausted at 0\nNow: jobs waiting: 31, oldest: 31 min\nNo more is launched.",
        "_What to do:_ Raise runners_max.",
        "<https://headroom.example.com/runbooks/pool-exhausted|Runbook>",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert!(!text.contains("<x64>"));
    assert_ne!(slack(&over)["attachments"][0]["color"], attachment["color"]);
}

#[test]
fn a_message_survives_its_json() {
    let (began, over) = full();
    for notification in [began, over] {
        let text = serde_json::to_string(&notification).unwrap();
        assert_eq!(serde_json::from_str::<Notification>(&text).unwrap(), notification);
    }
}
