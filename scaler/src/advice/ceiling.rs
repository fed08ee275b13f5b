//! What other limits would have given: `max = N would have given a p95 wait of x`.

use model::capacity::MaxPoint;

use super::choice::target;
use super::point::{bill_over, rounded};
use super::study::{Run, Study};
use crate::Policy;

/// Limits between the mean number of instances and the most that were in use.
const STEPS: i32 = 9;

/// The recommended limit leaves this part above the most that were in use: it is a guard against a
/// runaway, not a saving, since an ephemeral fleet pays for what runs.
const AIR: f64 = 0.25;

/// Where the objective cannot be met, a limit is fine that lengthens p95 by no more than this part.
const LONGER: f64 = 0.02;

pub struct Sweep {
    pub points: Vec<MaxPoint>,
    /// The limits and their runs.
    pub runs: Vec<(u32, Run)>,
    /// The least limit that would have been enough.
    pub least: Option<u32>,
    pub recommended: u32,
    /// The most instances in use without a limit.
    pub peak: u32,
    /// The most jobs at one time in the whole period, where that is more.
    pub peak_before: Option<u32>,
}

/// The policy with several limits.
pub fn sweep(study: &mut Study<'_>, policy: &Policy) -> Sweep {
    let free = study.headroom(&Policy { runners_max: None, ..policy.clone() });
    let peak = u32::try_from(study.whole(free).peak).unwrap_or(u32::MAX).max(1);
    let secs = study.window.weeks() * 7.0 * 86_400.0;
    let mean = whole(study.oracle_secs() / secs.max(1.0)).clamp(1, peak);
    let mut limits = ladder(mean, peak);
    limits.extend(study.ask.present.as_ref().and_then(|present| present.runners_max));
    let mut runs = limited(study, policy, limits);
    let is_enough = enough(study, free);
    narrow(study, policy, &mut runs, &is_enough);
    let least = runs.iter().find(|(_, run)| is_enough(study, *run)).map(|(limit, _)| *limit);
    let points = runs.iter().map(|(limit, run)| point(study, *limit, *run)).collect();
    // What is replayed may be a quiet weekend.
    let peak_before = Some(study.ask.peak).filter(|before| *before > peak);
    let recommended = with_air(peak_before.unwrap_or(peak));
    Sweep { points, runs, least, recommended, peak, peak_before }
}

fn ladder(mean: u32, peak: u32) -> Vec<u32> {
    let ratio = f64::from(peak) / f64::from(mean);
    let step = |n: i32| whole(f64::from(mean) * ratio.powf(f64::from(n) / f64::from(STEPS)));
    (0..=STEPS).map(step).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
fn whole(count: f64) -> u32 {
    count.round() as u32
}

/// A quarter more, in fives where it is more than a few.
fn with_air(peak: u32) -> u32 {
    let aired = whole((f64::from(peak) * (1.0 + AIR)).ceil());
    if aired > 20 { aired.div_ceil(5) * 5 } else { aired }
}

/// Runs the policy with these limits, in rising order.
fn limited(study: &mut Study<'_>, policy: &Policy, mut limits: Vec<u32>) -> Vec<(u32, Run)> {
    limits.sort_unstable();
    limits.dedup();
    let contender = |limit: &u32| {
        let policy = Policy { runners_max: Some(*limit), ..policy.clone() };
        crate::sim::Contender::Headroom(Box::new(policy))
    };
    let runs = study.run(limits.iter().map(contender).collect());
    limits.into_iter().zip(runs).collect()
}

/// Whether a limit takes nothing from what is had without any.
fn enough(study: &Study<'_>, free: Run) -> impl Fn(&Study<'_>, Run) -> bool + use<> {
    let target = target(study);
    let is_met = study.within_slo(free) >= target;
    let p95_secs = study.whole(free).waits.percentile_secs(95) * (1.0 + LONGER);
    let given_up = study.whole(free).given_up;
    move |study, run| {
        let outcome = study.whole(run);
        let is_fine = match is_met {
            true => study.within_slo(run) >= target,
            false => outcome.waits.percentile_secs(95) <= p95_secs,
        };
        is_fine && outcome.given_up <= given_up
    }
}

/// Looks between the last limit that is too low and the first that is enough.
fn narrow(
    study: &mut Study<'_>,
    policy: &Policy,
    runs: &mut Vec<(u32, Run)>,
    is_enough: &impl Fn(&Study<'_>, Run) -> bool,
) {
    loop {
        let Some(at) = runs.iter().position(|(_, run)| is_enough(study, *run)) else { return };
        let Some(before) = at.checked_sub(1) else { return };
        let (low, high) = (runs[before].0, runs[at].0);
        if high - low <= (high / 20).max(1) {
            return;
        }
        let gap = high - low;
        let between = vec![low + gap.div_ceil(3), low + (gap * 2).div_ceil(3)];
        let between = between.into_iter().filter(|limit| *limit > low && *limit < high).collect();
        runs.extend(limited(study, policy, between));
        runs.sort_unstable();
    }
}

fn point(study: &mut Study<'_>, limit: u32, run: Run) -> MaxPoint {
    let oracle_secs = study.oracle_secs();
    let outcome = study.whole(run);
    MaxPoint {
        runners_max: limit,
        wait_p50_secs: outcome.waits.percentile_secs(50),
        wait_p95_secs: outcome.waits.percentile_secs(95),
        within_slo: rounded(study.within_slo(run)),
        bill_over_oracle: rounded(bill_over(outcome, oracle_secs)),
        unserved: outcome.given_up,
    }
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn the_limit_that_is_recommended_leaves_air() {
        for (peak, limit) in [(1, 2), (8, 10), (16, 20), (60, 75), (141, 180)] {
            assert_eq!(with_air(peak), limit, "{peak}");
        }
    }

    #[test]
    fn limits_go_from_the_mean_to_the_peak() {
        assert_eq!(ladder(5, 60).first(), Some(&5));
        assert_eq!(ladder(5, 60).last(), Some(&60));
    }
}
