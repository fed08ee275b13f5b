//! Claims about the advice, on a real week of a public repository.

use std::sync::LazyLock;
use std::time::Duration;

use model::Timestamp;
use model::capacity::{Block, FrontierPoint, Period, Role, Slo, Subject};

use super::*;
use crate::sim::{self, Contender};
use crate::{Policy, Stopped};

/// Its source and licence stand beside it.
const WEEK: &str = include_str!("../../../src/demo/week.csv");

static JOBS: LazyLock<Vec<SampleJob>> = LazyLock::new(|| {
    let mut jobs: Vec<SampleJob> = WEEK.lines().skip(1).map(job_of).collect();
    jobs.sort_by_key(|job| job.queued_at);
    jobs
});

static ADVISED: LazyLock<Advised> = LazyLock::new(|| advise(&ask(30.0), &mut in_turn));

fn job_of(line: &str) -> SampleJob {
    let fields: Vec<Option<u64>> = line.split(',').skip(2).map(|it| it.parse().ok()).collect();
    SampleJob {
        queued_at: Timestamp::from_millis(fields[0].unwrap().cast_signed()),
        duration: Duration::from_millis(fields[1].unwrap()),
        waited: fields[2].map(Duration::from_millis),
    }
}

fn ask(wait_secs: f64) -> Ask<'static> {
    Ask {
        names: Names::guessed("linux"),
        jobs: &JOBS,
        stretch: Stretch::Whole,
        left_out: 0,
        peak: 0,
        setting: Setting::default(),
        present: None,
        slo: Slo { wait_secs, share: 0.95 },
        per_hour: None,
        seed: 1,
    }
}

/// What could have been recommended.
fn settings(advised: &Advised) -> impl Iterator<Item = &FrontierPoint> {
    let others = [Role::Bound, Role::Peer, Role::Current];
    advised.frontier.iter().filter(move |point| !others.contains(&point.role))
}

#[test]
fn nothing_that_was_tried_is_better_in_wait_and_in_bill() {
    let recommendation = ADVISED.recommendation.as_ref().unwrap();
    let ours = &recommendation.predicted;
    assert!(recommendation.is_slo_met && ours.within_slo >= 0.9625, "{ours:?}");
    let dominates = |it: &&FrontierPoint| {
        it.wait_p95_secs <= ours.wait_p95_secs
            && it.within_slo >= ours.within_slo
            && it.bill_over_oracle <= ours.bill_over_oracle
            && (it.bill_over_oracle < ours.bill_over_oracle || it.within_slo > ours.within_slo)
    };
    assert_eq!(settings(&ADVISED).find(dominates), None);
    // And nothing that meets the objective is cheaper by more than a tie.
    let cheaper = |it: &&FrontierPoint| {
        it.within_slo >= 0.9625 && it.bill_over_oracle * (1.0 + choice::TIE) < ours.bill_over_oracle
    };
    assert_eq!(settings(&ADVISED).find(cheaper), None);
}

#[test]
fn a_quiet_end_does_not_bound_the_runners_of_busier_days() {
    let quiet = Ask { left_out: 50_000, peak: 221, ..ask(30.0) };
    let recommendation = advise(&quiet, &mut in_turn).recommendation.unwrap();
    assert_eq!(recommendation.runners_max, Some(280));
    assert!(recommendation.because.contains("221 jobs in all of the period"));
    // The replay itself needs fewer.
    let alone = ADVISED.recommendation.as_ref().unwrap();
    assert!(alone.runners_max < Some(221) && !alone.because.contains("all of the period"));
    assert!(recommendation.predicted.wait_p95_secs <= alone.predicted.wait_p95_secs);
}

#[test]
fn what_is_predicted_is_what_the_simulation_of_the_setting_gives() {
    let recommendation = ADVISED.recommendation.as_ref().unwrap();
    let size: u32 = recommendation.stopped.parse().unwrap();
    let policy = Policy {
        runners_max: recommendation.runners_max,
        stopped: Stopped::Constant { instances: size },
        ..Policy::default()
    };
    let days = ADVISED.advice.as_ref().unwrap().learned.days;
    let learn = Duration::from_secs_f64(days * 86_400.0);
    let setting = Setting { learn, ..Setting::default() };
    let jobs = JOBS.iter().map(SampleJob::job);
    let found = sim::run(jobs, &setting, &Contender::Headroom(Box::new(policy)), |_, _| {});
    let predicted = &recommendation.predicted;
    let close = |a: f64, b: f64| (a - b).abs() < 0.001 * b.max(1.0);
    assert!(close(predicted.wait_mean_secs, found.waits.mean_secs()), "{predicted:?}");
    assert!(close(predicted.wait_p95_secs, found.waits.percentile_secs(95)), "{predicted:?}");
    assert!(close(predicted.bill_over_oracle, found.bill_over_oracle()), "{predicted:?}");
}

#[test]
fn more_runners_never_make_jobs_wait_for_longer() {
    let sweep = &ADVISED.advice.as_ref().unwrap().sweep;
    assert!(sweep.len() > 8, "{sweep:?}");
    for pair in sweep.windows(2) {
        assert!(pair[0].runners_max < pair[1].runners_max);
        assert!(pair[1].wait_p95_secs <= pair[0].wait_p95_secs + 1.0, "{pair:?}");
        assert!(pair[1].within_slo >= pair[0].within_slo - 0.005, "{pair:?}");
    }
    let enough = ADVISED.advice.as_ref().unwrap().max_enough.unwrap();
    let at_enough = sweep.iter().find(|point| point.runners_max == enough).unwrap();
    assert!(at_enough.within_slo >= 0.9625);
    assert!(sweep.iter().all(|point| point.runners_max >= enough || point.within_slo < 0.9625));
}

#[test]
fn the_answer_does_not_depend_on_the_order_of_the_runs() {
    let mut backwards = |batch: &Batch<'_>| {
        let mut ran: Vec<Ran> = (0..batch.len()).rev().map(|i| batch.run(i)).collect();
        ran.reverse();
        ran
    };
    assert_eq!(advise(&ask(30.0), &mut backwards), *ADVISED);
}

#[test]
fn three_days_give_a_band_of_days_and_say_so() {
    let band = ADVISED.recommendation.as_ref().unwrap().predicted.band.unwrap();
    assert_eq!((band.block, band.blocks), (Block::Day, 3));
    let predicted = &ADVISED.recommendation.as_ref().unwrap().predicted;
    let (low, high) = band.bill_over_oracle;
    assert!(low < predicted.bill_over_oracle && predicted.bill_over_oracle < high, "{band:?}");
    let subjects: Vec<Subject> = ADVISED.warnings.iter().map(|it| it.subject).collect();
    assert_eq!(subjects, [Subject::TooLittleData]);
    let other_seed = advise(&Ask { seed: 2, ..ask(30.0) }, &mut in_turn);
    let other = other_seed.recommendation.unwrap().predicted.band.unwrap();
    assert!((other.bill_over_oracle.0 - low).abs() < 0.01, "{other:?}");
}

#[test]
fn where_every_start_is_too_slow_boot_time_is_said_to_be_the_bound() {
    let advised = advise(&ask(10.0), &mut in_turn);
    let recommendation = advised.recommendation.unwrap();
    assert!(!recommendation.is_slo_met);
    assert!(
        recommendation.because.contains("Boot time is the bound"),
        "{}",
        recommendation.because
    );
    assert!(recommendation.because.contains("28 s"), "{}", recommendation.because);
    assert!(recommendation.predicted.bill_over_oracle < choice::BILL_MAX);
}

#[test]
fn who_is_content_with_a_boot_holds_nothing() {
    let recommendation = advise(&ask(150.0), &mut in_turn).recommendation.unwrap();
    assert_eq!((recommendation.stopped.as_str(), recommendation.warm_pool), ("\"none\"", 0));
    assert!(recommendation.is_slo_met && recommendation.predicted.bill_over_oracle < 1.001);
    assert!(recommendation.cloudformation.iter().all(|(name, _)| !name.starts_with("WarmPool")));
}

#[test]
fn a_known_setting_is_shown_and_checked_against_the_recorded_waits() {
    let jobs: Vec<SampleJob> = JOBS
        .iter()
        .map(|job| SampleJob { waited: Some(Duration::from_secs(123)), ..*job })
        .collect();
    let present = Policy { stopped: Stopped::None, ..Policy::default() };
    let advised = advise(&Ask { jobs: &jobs, present: Some(present), ..ask(30.0) }, &mut in_turn);
    let current = advised.frontier.iter().find(|it| it.role == Role::Current).unwrap();
    assert!((current.wait_p95_secs - 123.0).abs() < 0.1 && current.band.is_some(), "{current:?}");
    let fidelity = advised.advice.unwrap().fidelity.unwrap();
    assert!(!fidelity.is_fitted && fidelity.off_by < 1.01, "{fidelity:?}");
    // Where nobody tells the setting, it is found.
    let advised = advise(&Ask { jobs: &jobs, ..ask(30.0) }, &mut in_turn);
    let fidelity = advised.advice.unwrap().fidelity.unwrap();
    assert!(fidelity.is_fitted && fidelity.setting.starts_with("nothing held"), "{fidelity:?}");
}

#[test]
fn a_stretch_that_is_not_all_of_the_period_is_told_and_none_at_all_is_no_advice() {
    let text = |stretch| {
        let few = Ask { jobs: &JOBS[..200], stretch, left_out: 1234, ..ask(150.0) };
        let warnings = advise(&few, &mut in_turn).warnings;
        let cut = warnings.into_iter().find(|it| it.subject == Subject::Truncated);
        cut.map(|it| it.text)
    };
    let from = Timestamp::EPOCH;
    assert_eq!(text(Stretch::Whole), None);
    let weeks = text(Stretch::Since(from)).unwrap();
    assert!(weeks.contains("200 jobs from 2025-09-29 on and leaves 1,234 earlier"), "{weeks}");
    let days = text(Stretch::Days(Period { from, to: from })).unwrap();
    assert!(days.contains("the busiest day of the latest week"), "{days}");
    for stretch in [Stretch::NoRoom, Stretch::TooMany] {
        let warning = not_replayed("linux", stretch).unwrap();
        assert_eq!((warning.subject, warning.pool.as_deref()), (Subject::Replay, Some("linux")));
        assert!(warning.effect.contains("no recommendation"), "{}", warning.effect);
    }
    assert_eq!(not_replayed("linux", Stretch::Unasked), None);
}

#[test]
fn a_mixture_of_jobs_gets_figures_and_no_recommendation() {
    let few = &JOBS[..200];
    let ask = Ask { names: Names::guessed(model::OTHER_POOL), jobs: few, ..ask(30.0) };
    let advised = advise(&ask, &mut in_turn);
    assert!(advised.recommendation.is_none() && !advised.frontier.is_empty());
    assert!(advised.warnings.iter().any(|it| it.subject == Subject::Replay));
}

#[test]
fn no_jobs_give_no_advice_and_one_job_gives_some() {
    assert_eq!(advise(&Ask { jobs: &[], ..ask(30.0) }, &mut in_turn), Advised::default());
    let advised = advise(&Ask { jobs: &JOBS[..1], ..ask(30.0) }, &mut in_turn);
    let finite = |it: &FrontierPoint| {
        it.bill_over_oracle.is_finite() && it.instance_hours_per_week.is_finite()
    };
    assert!(advised.frontier.iter().all(finite), "{:?}", advised.frontier);
    assert_eq!(advised.frontier.iter().filter_map(|it| it.band).count(), 0);
}
