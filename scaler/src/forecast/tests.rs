//! What a model expects of made-up demand, and that a restart changes nothing.

use std::time::Duration;

use model::Timestamp;
use proptest::prelude::*;

use super::Model;
use crate::{Hot, Outlook, Policy, Stopped};

fn at(secs: i64) -> Timestamp {
    // A Monday, midnight.
    Timestamp::from_secs(1_767_571_200 + secs)
}

const DAY: i64 = 86_400;

/// Bursts of `jobs` every `gap` seconds for `days`.
fn steady(days: i64, gap: i64, jobs: usize) -> impl Iterator<Item = Timestamp> {
    (0..days * DAY / gap).flat_map(move |n| std::iter::repeat_n(at(n * gap), jobs))
}

fn patient(patience: f64) -> Policy {
    Policy { stopped: Stopped::Worthwhile { patience }, ..Policy::default() }
}

fn outlook(policy: &Policy, arrivals: impl Iterator<Item = Timestamp>, now: Timestamp) -> Outlook {
    let mut model = Model::new(policy);
    arrivals.for_each(|at| model.arrived(at));
    model.outlook(now)
}

#[test]
fn nothing_is_held_before_the_demand_is_known() {
    let early = outlook(&Policy::default(), steady(2, 1800, 12), at(2 * DAY));
    assert!(!early.learned);
    assert_eq!((early.stopped.instances, early.stopped_held), (0, 0));
    assert_eq!(outlook(&Policy::default(), [].into_iter(), at(0)).stopped_held, 0);
    let few = outlook(&Policy::default(), steady(5, 3 * DAY, 12), at(5 * DAY));
    assert!(!few.learned, "two bursts teach nothing, however long ago the first was");
}

#[test]
fn bursts_of_a_matrix_are_met_by_a_stock_of_their_size() {
    let outlook = outlook(&patient(12.0), steady(14, 3600, 12), at(14 * DAY - 60));
    assert!(outlook.learned);
    assert!((0.8..1.2).contains(&outlook.bursts_per_hour), "{outlook:?}");
    assert!((outlook.burst_jobs - 12.0).abs() < 0.01, "{outlook:?}");
    assert!((12..=14).contains(&outlook.stopped.instances), "{outlook:?}");
    let wanted = outlook.stopped;
    assert!(wanted.last_used_per_day >= wanted.worth_per_day);
    assert!(wanted.next_used_per_day < wanted.worth_per_day);
}

#[test]
fn who_is_more_patient_holds_more_and_dear_disks_hold_less() {
    let stock =
        |policy: &Policy| outlook(policy, steady(14, 1200, 20), at(14 * DAY - 1)).stopped.instances;
    let [some, more] = [2.0, 20.0].map(|patience| stock(&patient(patience)));
    let dear = stock(&Policy { stopped_cost: 0.5, ..patient(2.0) });
    assert!(dear <= some && some <= more, "{dear} {some} {more}");
    assert!(dear < more);
}

#[test]
fn a_start_that_is_no_faster_than_a_boot_is_not_worth_a_disk() {
    for stopped in [Stopped::Worthwhile { patience: 12.0 }, Stopped::Share { share: 0.955 }] {
        let mut policy = Policy { stopped, ..Policy::default() };
        policy.times.warm_start = policy.times.cold_start;
        let outlook = outlook(&policy, steady(14, 600, 12), at(14 * DAY));
        assert_eq!(outlook.stopped.instances, 0, "{outlook:?}");
    }
}

#[test]
fn what_is_no_longer_wanted_is_held_until_it_has_cost_as_much_as_another_one() {
    let policy = patient(0.6);
    let mut model = Model::new(&policy);
    // Working hours only: demand falls at six in the evening.
    let working = |at: &Timestamp| (8..18).contains(&at.weekday_and_hour().1);
    steady(14, 600, 12).filter(working).for_each(|at| model.arrived(at));
    let evening = at(13 * DAY + 18 * 3600);
    let before = model.outlook(evening);
    let soon = model.outlook(evening.plus(policy.stopped_hold() / 2));
    assert!(soon.stopped.instances < before.stopped_held, "{before:?} {soon:?}");
    assert_eq!(soon.stopped_held, before.stopped_held);
    let late = model.outlook(evening.plus(policy.stopped_hold() * 2));
    assert!(late.stopped_held < before.stopped_held, "{before:?} {late:?}");
}

#[test]
fn a_stream_that_never_pauses_is_many_bursts() {
    let outlook = outlook(&patient(12.0), steady(5, 3, 1), at(5 * DAY));
    assert!(outlook.bursts_per_hour > 50.0, "{outlook:?}");
    // 50 jobs come within one replenishment.
    assert!(outlook.stopped.instances >= 50, "{outlook:?}");
}

#[test]
fn a_quantile_of_the_demand_of_a_boot_is_held_hot() {
    let hot = |share| {
        let policy = Policy { hot: Hot::Quantile { share }, ..patient(12.0) };
        outlook(&policy, steady(14, 60, 1), at(14 * DAY)).hot.instances
    };
    // About two jobs come within a boot of two minutes; the Poisson quantiles of 2 are 2 and 5.
    assert!((1..=2).contains(&hot(0.5)), "{}", hot(0.5));
    assert!((4..=5).contains(&hot(0.95)), "{}", hot(0.95));
}

#[test]
fn without_news_the_answer_stays_until_it_said_so() {
    let mut model = Model::new(&Policy::default());
    steady(10, 900, 7).for_each(|at| model.arrived(at));
    let mut now = at(10 * DAY);
    let mut outlook = model.outlook(now);
    for _ in 0..2000 {
        now = now.plus(Duration::from_secs(13));
        let next = model.outlook(now);
        if outlook.same_until.is_some_and(|until| now < until) {
            assert_eq!(next, outlook, "at {now}");
        }
        outlook = next;
    }
}

fn arrivals() -> impl Strategy<Value = Vec<(u32, u8)>> {
    proptest::collection::vec((1_u32..20_000, 1_u8..20), 20..120)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    /// A model that was asked all the time, one that was asked once, and one that was rebuilt from
    /// history give the same answer.
    #[test]
    fn a_restart_changes_nothing(bursts in arrivals(), later in 1_i64..50_000, asked in 1_i64..5000) {
        let policy = Policy::default();
        let mut now = 0;
        let mut history = Vec::new();
        for (gap, jobs) in bursts {
            now += i64::from(gap);
            history.extend((0..i64::from(jobs)).map(|n| at(now + n * 3)));
        }
        history.sort();
        let end = history.last().unwrap().plus(Duration::from_secs(later.unsigned_abs()));
        let (mut asked_often, mut asked_once) = (Model::new(&policy), Model::new(&policy));
        let mut next = at(0);
        for arrival in &history {
            while next < *arrival {
                asked_often.outlook(next);
                next = next.plus(Duration::from_secs(asked.unsigned_abs()));
            }
            asked_often.arrived(*arrival);
            asked_once.arrived(*arrival);
        }
        let expected = asked_often.outlook(end);
        prop_assert_eq!(&asked_once.outlook(end), &expected);
        let mut rebuilt = Model::to_be_rebuilt(&policy, end);
        for at in history {
            rebuilt.arrived(at);
        }
        prop_assert_eq!(&rebuilt.outlook(end), &expected);
    }

    /// A model that is written down and read back between any two arrivals goes on as the other
    /// does, but for the last digit of a number and for what it had at hand for a minute.
    #[test]
    fn what_is_written_down_goes_on(bursts in arrivals(), cut in 0_usize..20) {
        let policy = Policy::default();
        let (mut kept, mut now) = (Model::new(&policy), 0);
        let mut recalled = kept.clone();
        for (n, (gap, jobs)) in bursts.into_iter().enumerate() {
            now += i64::from(gap);
            if n == cut {
                let text = serde_json::to_string(&recalled).unwrap();
                recalled = serde_json::from_str::<Model>(&text).unwrap().recalled(&policy).unwrap();
            }
            for job in 0..i64::from(jobs) {
                kept.arrived(at(now + job * 3));
                recalled.arrived(at(now + job * 3));
            }
        }
        let (expected, found) = (kept.outlook(at(now + 60)), recalled.outlook(at(now + 60)));
        prop_assert_eq!(found.learned, expected.learned);
        prop_assert!((found.bursts_per_hour - expected.bursts_per_hour).abs() < 1e-9);
        prop_assert!((found.burst_jobs - expected.burst_jobs).abs() < 1e-9);
        prop_assert!(found.stopped.instances.abs_diff(expected.stopped.instances) <= 1);
    }
}

#[test]
fn what_is_not_whole_is_not_recalled() {
    let mut text = serde_json::to_value(Model::new(&Policy::default())).unwrap();
    text["rhythm"]["bursts"] = serde_json::json!([1.0]);
    let model: Model = serde_json::from_value(text).unwrap();
    assert!(model.recalled(&Policy::default()).is_none());
}

#[test]
fn hours_of_the_past_tell_how_often_and_not_how_many_at_once() {
    let policy = patient(12.0);
    let hours: Vec<_> = (-28 * 24..0).map(|hour| (at(hour * 3600), 12.0)).collect();
    let mut model = Model::primed(&policy, &hours);
    assert!(!model.outlook(at(60)).learned);
    steady(4, 3600, 12).for_each(|at| model.arrived(at));
    let outlook = model.outlook(at(4 * DAY - 60));
    assert!(outlook.learned);
    assert!((0.8..1.2).contains(&outlook.usual_per_hour), "{outlook:?}");
    assert!((12..=14).contains(&outlook.stopped.instances), "{outlook:?}");
}
