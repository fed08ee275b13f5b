//! Each rule of the ledger, and the claim that order does not matter.

use super::*;
use model::{Conclusion, JobKey, Labels, Repository};
use proptest::prelude::*;

/// Seconds after an arbitrary origin.
fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(1_700_000_000 + secs)
}

fn event(phase: Phase) -> JobEvent {
    let started = matches!(phase, Phase::InProgress | Phase::Completed);
    JobEvent {
        key: JobKey { job: 1, attempt: 1 },
        phase,
        run: 7,
        repository: Repository("octo/cat".into()),
        name: "build".into(),
        workflow: None,
        branch: None,
        url: None,
        labels: Labels::new(["linux"]),
        created_at: Some(at(0)),
        started_at: Some(if started { at(40) } else { at(0) }),
        completed_at: (phase == Phase::Completed).then(|| at(100)),
        conclusion: (phase == Phase::Completed).then_some(Conclusion::Success),
        runner: started.then(|| "runner-1".into()),
        runner_group: None,
    }
}

fn route() -> Route {
    Route { pool: "linux".into(), routed: true }
}

/// Folds events received one second after another from second 200 on.
fn history(events: impl IntoIterator<Item = JobEvent>) -> (Option<Job>, Vec<Transition>) {
    let mut job = None;
    let mut transitions = Vec::new();
    for (event, second) in events.into_iter().zip(200..) {
        if let Some((next, transition)) = fold(job.clone(), event, route(), at(second)) {
            job = Some(next);
            transitions.push(transition);
        }
    }
    (job, transitions)
}

fn secs(interval: Option<Interval>) -> Option<u64> {
    interval.map(|interval| interval.length.as_secs())
}

use Phase::{Completed, InProgress, Queued, Waiting};

#[test]
fn a_plain_life_is_waited_and_run_once() {
    let (job, told) = history([Queued, InProgress, Completed].map(event));
    let job = job.unwrap();
    assert_eq!((secs(job.wait()), secs(job.duration())), (Some(40), Some(60)));
    assert_eq!(told.iter().map(|t| secs(t.wait)).collect::<Vec<_>>(), [None, Some(40), None]);
    assert_eq!(told.iter().map(|t| secs(t.duration)).collect::<Vec<_>>(), [None, None, Some(60)]);
    assert_eq!(job.stage(), Stage::Done);
}

#[test]
fn a_repeated_phase_changes_nothing() {
    let (once, _) = history([event(Queued), event(InProgress)]);
    let mut again = event(Queued);
    again.created_at = Some(at(-500));
    assert_eq!(fold(once, again, route(), at(900)), None);
}

#[test]
fn a_late_start_does_not_reopen_a_finished_job() {
    let (job, told) = history([Queued, Completed, InProgress].map(event));
    assert_eq!(job.unwrap().stage(), Stage::Done);
    assert_eq!(told.iter().map(|t| t.out_of_order).collect::<Vec<_>>(), [false, false, true]);
    assert_eq!(told.iter().filter(|t| t.wait.is_some()).count(), 1, "the wait is told once");
}

#[test]
fn a_lost_start_is_told_by_the_completion() {
    let (job, told) = history([Queued, Completed].map(event));
    assert!(job.unwrap().has_started());
    assert_eq!((secs(told[1].wait), secs(told[1].duration)), (Some(40), Some(60)));
}

#[test]
fn a_start_without_its_stamp_is_told_by_the_completion_in_either_order() {
    let mut start = event(InProgress);
    start.started_at = None;
    for order in [[start.clone(), event(Completed)], [event(Completed), start]] {
        let job = history(order).0.unwrap();
        assert_eq!((secs(job.wait()), secs(job.duration())), (Some(40), Some(60)));
    }
}

#[test]
fn a_lost_queued_event_costs_nothing_where_created_at_is_told_again() {
    let (_, told) = history([event(InProgress)]);
    assert_eq!((secs(told[0].wait), told[0].wait_unknown), (Some(40), false));
}

#[test]
fn a_wait_without_created_at_is_unknown_until_a_late_queued_event_tells_it() {
    let mut start = event(InProgress);
    start.created_at = None;
    let (job, told) = history([start.clone(), event(Queued)]);
    assert_eq!((told[0].wait, told[0].wait_unknown), (None, true));
    assert_eq!(secs(told[1].wait), Some(40));
    assert_eq!(job.unwrap().stage(), Stage::Running, "a late queued event does not requeue it");
}

#[test]
fn jobs_that_never_had_a_runner_have_no_wait() {
    for (conclusion, runner) in [
        (Conclusion::Cancelled, None),
        (Conclusion::Skipped, None),
        (Conclusion::Skipped, Some("ghost")),
        (Conclusion::Failure, None),
    ] {
        let mut end = event(Completed);
        end.conclusion = Some(conclusion);
        end.runner = runner.map(str::to_owned);
        let (job, told) = history([event(Queued), end]);
        let job = job.unwrap();
        assert_eq!((job.has_started(), job.wait(), job.duration()), (false, None, None));
        assert!(!told[1].wait_unknown, "what never started has no unknown wait: {conclusion:?}");
        assert_eq!(job.stage(), Stage::Done);
    }
}

#[test]
fn a_job_cancelled_while_running_did_wait_and_run() {
    let mut end = event(Completed);
    (end.conclusion, end.runner) = (Some(Conclusion::Cancelled), None);
    let (job, _) = history([event(Queued), event(InProgress), end]);
    let job = job.unwrap();
    assert_eq!((secs(job.wait()), secs(job.duration())), (Some(40), Some(60)));
    assert_eq!(job.runner.as_deref(), Some("runner-1"));
}

#[test]
fn a_held_job_starts_its_clock_at_its_queued_event() {
    let mut asked = event(Queued);
    asked.started_at = Some(at(30));
    let (job, told) = history([event(Waiting), asked, event(InProgress)]);
    assert_eq!(secs(job.unwrap().wait()), Some(10), "by the stamp of the queued event");
    assert_eq!(told[0].lag, None, "an approval is no delivery lag");

    let mut start = event(InProgress);
    start.started_at = Some(at(231));
    let (job, _) = history([event(Waiting), event(Queued), start]);
    assert_eq!(secs(job.unwrap().wait()), Some(30), "by its receipt where it has no stamp");
}

#[test]
fn a_held_job_whose_queued_event_is_lost_has_an_unknown_wait() {
    let (job, told) = history([Waiting, InProgress, Completed].map(event));
    assert_eq!(job.unwrap().wait(), None);
    assert_eq!(told.iter().map(|t| t.wait_unknown).collect::<Vec<_>>(), [false, true, false]);
}

#[test]
fn a_held_job_is_no_demand() {
    assert_eq!(history([event(Waiting)]).0.unwrap().stage(), Stage::Held);
}

#[test]
fn reversed_stamps_are_clamped_and_say_so() {
    let mut start = event(InProgress);
    start.started_at = Some(at(-3));
    let (_, told) = history([event(Queued), start]);
    assert_eq!(told[1].wait, Some(Interval { length: std::time::Duration::ZERO, clamped: true }));
}

#[test]
fn news_from_the_future_has_no_negative_lag() {
    let (_, told) = fold(None, event(Queued), route(), at(-5)).unwrap();
    assert_eq!(told.lag.map(|lag| (lag.length.as_secs(), lag.clamped)), Some((0, true)));
}

#[test]
fn without_memory_a_wait_is_told_by_the_start_alone() {
    let (_, start) = stateless(event(InProgress), route(), at(50));
    let (_, end) = stateless(event(Completed), route(), at(110));
    assert_eq!((secs(start.wait), secs(start.duration)), (Some(40), None));
    assert_eq!((secs(end.wait), secs(end.duration)), (None, Some(60)));
}

#[test]
fn without_memory_a_job_is_new_with_its_queued_event_alone() {
    let is_new = |phase| stateless(event(phase), route(), at(50)).1.is_new;
    assert_eq!([Queued, InProgress, Completed].map(is_new), [true, false, false]);
}

/// The slow obvious model: look at all events that arrived, in the order of their phases.
fn model_says(events: &[JobEvent]) -> (Stage, Option<u64>, Option<u64>) {
    let find = |phase| events.iter().find(|e| e.phase == phase);
    let end = find(Completed);
    let started_at = match (find(InProgress), end) {
        (Some(start), _) => start.started_at,
        (None, Some(end)) if end.conclusion == Some(Conclusion::Success) => end.started_at,
        _ => None,
    };
    let created_at = events.iter().filter_map(|e| e.created_at).min();
    let stage = match (end, find(InProgress), find(Queued)) {
        (Some(_), ..) => Stage::Done,
        (_, Some(_), _) => Stage::Running,
        (.., Some(_)) => Stage::Waiting,
        _ => Stage::Held,
    };
    let between =
        |a: Option<Timestamp>, b: Option<Timestamp>| Some(b?.saturating_since(a?).as_secs());
    let duration = between(started_at, end.and_then(|e| e.completed_at));
    (stage, between(created_at, started_at), duration)
}

proptest! {
    #[test]
    fn any_permutation_repetition_and_loss_ends_in_what_the_obvious_model_says(
        order in proptest::sample::subsequence(vec![Queued, InProgress, Completed], 1..=3)
            .prop_shuffle(),
        repeats in proptest::collection::vec(any::<prop::sample::Index>(), 0..4),
        no_created_at in proptest::collection::vec(any::<bool>(), 3),
        conclusion in prop_oneof![
            Just(Conclusion::Success), Just(Conclusion::Cancelled), Just(Conclusion::Skipped)
        ],
    ) {
        let mut events: Vec<JobEvent> = order.iter().map(|phase| {
            let mut event = event(*phase);
            if no_created_at[*phase as usize - 1] { event.created_at = None; }
            if *phase == Completed {
                event.conclusion = Some(conclusion);
                if conclusion != Conclusion::Success { event.runner = None; }
            }
            event
        }).collect();
        let expected = model_says(&events);
        for index in repeats {
            let again = events[index.index(events.len())].clone();
            events.push(again);
        }
        let (job, told) = history(events);
        let job = job.unwrap();
        prop_assert_eq!((job.stage(), secs(job.wait()), secs(job.duration())), expected);
        prop_assert!(told.iter().filter(|t| t.wait.is_some()).count() <= 1);
        prop_assert!(told.iter().filter(|t| t.duration.is_some()).count() <= 1);
        prop_assert_eq!(told.len(), order.len(), "repeats tell nothing");
    }
}
