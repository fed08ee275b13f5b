//! How far to trust the replay: the waits that were recorded, beside those of the same jobs in the
//! replay of what is set today.
//!
//! Where nobody says what is set today, it is looked for among the rules that were tried and some
//! that others use: the one whose waits come nearest. Compared are percentiles, as factors, so that
//! seconds and hours weigh alike; a wait of nothing and one of five seconds are the same.

use model::capacity::Fidelity;

use super::candidates::Candidate;
use super::point::rounded;
use super::study::{Run, Study};
use super::words;
use crate::sim::{Contender, Waits};

/// Fewer recorded waits are no evidence.
const JOBS_MIN: u64 = 50;

const PERCENTS: [u8; 5] = [50, 75, 90, 95, 99];

/// Waits that differ by less than this are the same: GitHub assigns a job within seconds, and
/// stamps are whole seconds.
const SAME_SECS: f64 = 5.0;

/// Sizes of a fleet that never changes, as multiples of the mean number of running jobs.
const SIZES: [f64; 7] = [0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0];

/// Compares; `None` where too few waits were recorded.
pub fn check(
    study: &mut Study<'_>,
    candidates: &[Candidate],
    limited: &[(u32, Run)],
    present: Option<Run>,
) -> Option<Fidelity> {
    let recorded = recorded(study);
    if recorded.jobs() < JOBS_MIN {
        return None;
    }
    let (setting, run) = match present {
        Some(run) => ("what is set today".to_owned(), run),
        None => nearest(study, candidates, limited, &recorded)?,
    };
    let replayed = study.whole(run).waits.clone();
    let off_by = off_by(&recorded, &replayed);
    let ends = |waits: &Waits| (waits.percentile_secs(50), waits.percentile_secs(95));
    let mut fidelity = Fidelity {
        setting,
        is_fitted: present.is_none(),
        jobs: recorded.jobs(),
        recorded_secs: ends(&recorded),
        replayed_secs: ends(&replayed),
        off_by: rounded(off_by),
        verdict: String::new(),
    };
    fidelity.verdict = words::verdict(&fidelity);
    Some(fidelity)
}

/// The recorded waits of the measured jobs.
fn recorded(study: &Study<'_>) -> Waits {
    let mut waits = Waits::default();
    let from = study.window.measured_from();
    for job in study.jobs.iter().filter(|job| job.queued_at >= from) {
        if let Some(waited) = job.waited {
            waits.record(waited);
        }
    }
    waits
}

fn nearest(
    study: &mut Study<'_>,
    candidates: &[Candidate],
    limited: &[(u32, Run)],
    recorded: &Waits,
) -> Option<(String, Run)> {
    let mut known: Vec<(String, Run)> =
        candidates.iter().map(|it| (it.title.clone(), it.run)).collect();
    let limit = |(max, run): &(u32, Run)| {
        (format!("the recommended rule with at most {max} runners"), *run)
    };
    known.extend(limited.iter().map(limit));
    let others = others(study);
    let runs = study.run(others.iter().map(|(_, contender)| contender.clone()).collect());
    known.extend(others.into_iter().map(|(title, _)| title).zip(runs));
    let far = |run: Run| off_by(recorded, &study.whole(run).waits);
    known.into_iter().min_by(|(_, a), (_, b)| far(*a).total_cmp(&far(*b)))
}

/// What others use, and fleets that never change.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
fn others(study: &Study<'_>) -> Vec<(String, Contender)> {
    let from = study.window.measured_from();
    let measured = study.jobs.iter().filter(|job| job.queued_at >= from);
    let busy_secs: f64 = measured.map(|job| job.duration.as_secs_f64()).sum();
    let mean = busy_secs / (study.window.weeks() * 7.0 * 86_400.0).max(1.0);
    let sizes = SIZES.into_iter().map(|times| ((mean * times).ceil() as u32).max(1));
    let fixed = |size| (format!("{size} runners that are always there"), Contender::Static(size));
    let mut others = vec![
        ("one instance for each job, 30 s late".to_owned(), Contender::PerWebhookDelayed),
        ("as many as queued and running, cooldown 300 s".to_owned(), Contender::QueuedPlusRunning),
        ("a poll each minute".to_owned(), Contender::NaiveMinute),
        ("idle runners in proportion to busy ones".to_owned(), Contender::LoadProportional),
        (
            "target tracking, half a job for each instance".to_owned(),
            Contender::TargetTracking(0.5),
        ),
    ];
    others.extend(sizes.map(fixed));
    others
}

/// By which factor percentiles differ, typically; one: not at all.
fn off_by(recorded: &Waits, replayed: &Waits) -> f64 {
    let far = |percent: u8| {
        let replayed = replayed.percentile_secs(percent) + SAME_SECS;
        (replayed / (recorded.percentile_secs(percent) + SAME_SECS)).ln().abs()
    };
    let count = u32::try_from(PERCENTS.len()).map_or(1.0, f64::from);
    (PERCENTS.into_iter().map(far).sum::<f64>() / count).exp()
}

#[cfg(test)]
mod unit_tests {
    use std::time::Duration;

    use super::*;

    fn waits(secs: &[u64]) -> Waits {
        let mut waits = Waits::default();
        for secs in secs {
            waits.record(Duration::from_secs(*secs));
        }
        waits
    }

    #[test]
    fn waits_are_compared_as_factors() {
        assert!((off_by(&waits(&[30; 9]), &waits(&[30; 9])) - 1.0).abs() < 1e-9);
        assert!((off_by(&waits(&[5; 9]), &waits(&[15; 9])) - 2.0).abs() < 1e-9);
        assert!((off_by(&waits(&[15; 9]), &waits(&[5; 9])) - 2.0).abs() < 1e-9);
    }
}
