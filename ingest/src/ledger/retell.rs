//! The events that a job's history could have been made of: the way back from [`super::fold`].
//!
//! Folding what is told again gives the same job. What no later question asks for is gone: which
//! of two deliveries stated a fact, and when a job held for approval was announced.

use model::{JobEvent, Phase, Timestamp};

use super::{Job, Stage};

/// When the deliveries about a job were received, as far as it was noted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Receipts {
    /// Of `in_progress`.
    pub running: Option<Timestamp>,
    /// Of `completed`.
    pub completed: Option<Timestamp>,
}

/// One event for each phase that was seen, in the order of receipt.
pub fn retell(job: &Job, receipts: Receipts) -> Vec<(Timestamp, JobEvent)> {
    let mut told: Vec<(Timestamp, JobEvent)> = Phase::ALL
        .into_iter()
        .filter(|phase| job.seen.has(*phase))
        .map(|phase| (received_at(job, receipts, phase), event(job, phase)))
        .collect();
    told.sort_by_key(|(at, event)| (*at, event.phase));
    told
}

fn received_at(job: &Job, receipts: Receipts, phase: Phase) -> Timestamp {
    let noted = match phase {
        Phase::Waiting if job.stage() == Stage::Held => None,
        Phase::Waiting | Phase::Queued => job.queued_received_at,
        Phase::InProgress => receipts.running.or(job.started_at()),
        Phase::Completed => receipts.completed.or(job.completed_at),
    };
    noted.unwrap_or(job.updated_at)
}

fn event(job: &Job, phase: Phase) -> JobEvent {
    let has_runner = matches!(phase, Phase::InProgress | Phase::Completed);
    let over = phase == Phase::Completed;
    let (created_at, started_at) = match phase {
        Phase::Waiting => (job.created_at, None),
        // What it was asked at is the later of the two.
        Phase::Queued => (job.created_at.filter(|at| Some(*at) <= job.asked_at), job.asked_at),
        Phase::InProgress | Phase::Completed => (job.created_at, job.started_at()),
    };
    JobEvent {
        key: job.key,
        phase,
        run: job.run,
        repository: job.repository.clone(),
        name: job.name.clone(),
        workflow: job.workflow.clone(),
        branch: job.branch.clone(),
        url: job.url.clone(),
        labels: job.labels.clone(),
        created_at,
        started_at,
        completed_at: job.completed_at.filter(|_| over),
        conclusion: job.conclusion.filter(|_| over),
        runner: job.runner.clone().filter(|_| has_runner),
        runner_group: job.runner_group.clone().filter(|_| has_runner),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Route;
    use crate::ledger::fold;
    use model::{Conclusion, JobKey, Labels, Repository};
    use proptest::prelude::*;

    fn stamp() -> impl Strategy<Value = Option<Timestamp>> {
        prop_oneof![1 => Just(None), 4 => (1..500_i64).prop_map(|s| Some(Timestamp::from_secs(s)))]
    }

    fn any_event() -> impl Strategy<Value = (Timestamp, JobEvent)> {
        let phase = proptest::sample::select(Phase::ALL.to_vec());
        let end = proptest::sample::select(Conclusion::ALL.to_vec());
        let runner = proptest::option::of(Just("r-1".to_owned()));
        (phase, [stamp(), stamp(), stamp()], end, runner, 1..500_i64).prop_map(
            |(phase, [created_at, started_at, completed_at], end, runner, at)| {
                let over = phase == Phase::Completed;
                let event = JobEvent {
                    key: JobKey { job: 1, attempt: 1 },
                    phase,
                    run: 1,
                    repository: Repository("octo/cat".into()),
                    name: "build".into(),
                    workflow: None,
                    branch: None,
                    url: None,
                    labels: Labels::new(["linux"]),
                    created_at,
                    started_at,
                    completed_at,
                    conclusion: over.then_some(end),
                    runner: runner.filter(|_| phase >= Phase::InProgress),
                    runner_group: None,
                };
                (Timestamp::from_secs(at), event)
            },
        )
    }

    fn folded(events: impl IntoIterator<Item = (Timestamp, JobEvent)>) -> (Option<Job>, Receipts) {
        let (mut job, mut receipts) = (None, Receipts::default());
        for (at, event) in events {
            let route = Route { pool: "linux".into(), routed: true };
            let phase = event.phase;
            let Some((now, _)) = fold(job.clone(), event, route, at) else { continue };
            match phase {
                Phase::InProgress => receipts.running = Some(at),
                Phase::Completed => receipts.completed = Some(at),
                Phase::Waiting | Phase::Queued => {}
            }
            job = Some(now);
        }
        (job, receipts)
    }

    proptest! {
        #[test]
        fn what_is_told_again_makes_the_same_job(
            events in proptest::collection::vec(any_event(), 1..6),
        ) {
            let (job, receipts) = folded(events);
            let job = job.unwrap();
            let (again, receipts_again) = folded(retell(&job, receipts));
            let again = Job { updated_at: job.updated_at, ..again.unwrap() };
            prop_assert_eq!(&again, &job);
            prop_assert_eq!(receipts_again, receipts);
            prop_assert_eq!(again.wait(), job.wait());
        }
    }
}
