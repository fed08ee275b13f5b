//! Any sequence of deliveries about several jobs and their re-runs: every order, repetition and
//! loss is one of them. A slow model that looks through the whole sequence says what must be known.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use model::{Conclusion, JobKey, Labels, Repository};

/// One delivery: of which job, which attempt, which phase.
type News = (u64, u32, Phase);

/// Seconds after an arbitrary origin.
fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(1_700_000_000 + secs)
}

/// Attempts differ in all that is measured, so that one taken for another is found out.
fn stamps((job, attempt, _): News) -> [i64; 4] {
    let base = job.cast_signed() * 7 + i64::from(attempt) * 100;
    // Created, asked after an approval, started, completed.
    [base, base + 20, base + 50, base + 90]
}

/// Jobs of an odd number state in their `queued` event when they were approved.
fn is_approval_stamped(job: u64) -> bool {
    job % 2 == 1
}

fn event(news: News) -> JobEvent {
    let (job, attempt, phase) = news;
    let [created, asked, started, completed] = stamps(news);
    let over = phase == Phase::Completed;
    let started = match phase {
        Phase::Waiting => None,
        Phase::Queued if is_approval_stamped(job) => Some(asked),
        Phase::Queued => Some(created),
        Phase::InProgress | Phase::Completed => Some(started),
    };
    JobEvent {
        key: JobKey { job, attempt },
        phase,
        run: 7,
        repository: Repository("octo/cat".into()),
        name: "build".into(),
        workflow: None,
        branch: None,
        url: None,
        labels: Labels::new(["linux"]),
        created_at: Some(at(created)),
        started_at: started.map(at),
        completed_at: over.then(|| at(completed)),
        conclusion: over.then_some(Conclusion::Success),
        runner: None,
        runner_group: None,
    }
}

/// Stage, wait and duration in seconds, of one attempt at one job.
type Known = (Stage, Option<i64>, Option<i64>);

/// What is known at the end; the delivery of that index was received so many seconds after 1000.
fn model_says(sequence: &[News]) -> BTreeMap<(u64, u32), Known> {
    let keys = sequence.iter().map(|(job, attempt, _)| (*job, *attempt));
    keys.map(|key| (key, of_job(sequence, key))).collect()
}

fn of_job(sequence: &[News], key: (u64, u32)) -> Known {
    let (job, attempt) = key;
    let first = |phase| sequence.iter().position(|news| *news == (job, attempt, phase));
    let has = |phase| first(phase).is_some();
    let [created, asked, started, completed] = stamps((job, attempt, Phase::Queued));
    let stage = match () {
        () if has(Phase::Completed) => Stage::Done,
        () if has(Phase::InProgress) => Stage::Running,
        () if has(Phase::Queued) => Stage::Waiting,
        () => Stage::Held,
    };
    let since = match (has(Phase::Waiting), first(Phase::Queued)) {
        (false, _) => Some(created),
        (true, None) => None,
        (true, Some(_)) if is_approval_stamped(job) => Some(asked),
        (true, Some(index)) => Some(1000 + i64::try_from(index).unwrap()),
    };
    let has_started = has(Phase::InProgress) || has(Phase::Completed);
    let wait = since.filter(|_| has_started).map(|since| (started - since).max(0));
    let duration = has(Phase::Completed).then_some(completed - started);
    (stage, wait, duration)
}

fn news() -> impl Strategy<Value = News> {
    (1..4_u64, 1..4_u32, proptest::sample::select(Phase::ALL.to_vec()))
}

proptest! {
    #[test]
    fn any_sequence_about_jobs_and_re_runs_ends_in_what_the_obvious_model_says(
        sequence in proptest::collection::vec(news(), 0..60),
    ) {
        let mut jobs: BTreeMap<(u64, u32), Job> = BTreeMap::new();
        let mut told = 0;
        for (news, second) in sequence.iter().zip(1000..) {
            let key = (news.0, news.1);
            let route = Route { pool: "linux".into(), routed: true };
            let folded = fold(jobs.get(&key).cloned(), event(*news), route, at(second));
            if let Some((job, _)) = folded {
                jobs.insert(key, job);
                told += 1;
            }
        }
        let secs = |interval: Interval| interval.length.as_secs().cast_signed();
        let known: BTreeMap<_, Known> = jobs
            .iter()
            .map(|(key, job)| (*key, (job.stage(), job.wait().map(secs), job.duration().map(secs))))
            .collect();
        prop_assert_eq!(known, model_says(&sequence));
        let distinct: std::collections::BTreeSet<_> = sequence.iter().collect();
        prop_assert_eq!(told, distinct.len(), "a repetition tells nothing");
    }
}
