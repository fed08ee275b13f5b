//! A distribution of waits, some of which are known only to be longer than something.
//!
//! Kaplan and Meier (1958): at each wait at which jobs got their runners, the share that waits on is
//! multiplied by the part of those that still waited then and did not. A job that still waits, or
//! was cancelled, counts among those that waited up to its own age and not beyond. Where both lie at
//! the same step, the runner came first. Without such jobs this is the plain distribution.

use model::capacity::{Wait, WaitMethod};

use super::cells::Cells;
use super::grain::Grain;
use super::{ratio, secs_of};

/// Shares are compared with this tolerance: they are products of many fractions.
const TOLERANCE: f64 = 1e-9;

/// Waits by step, those with an end and those without.
#[derive(Clone, Debug, Default)]
pub(super) struct Bins {
    grain: Grain,
    known: Cells,
    censored: Cells,
    known_count: u64,
    censored_count: u64,
    within_count: u64,
    sum_ms: u64,
    max_ms: u64,
}

/// What happens at one step of the curve.
#[derive(Clone, Copy, Debug)]
struct Point {
    ms: u64,
    /// The share of the jobs that waits for longer.
    longer: f64,
}

impl Bins {
    pub(super) fn new(grain: Grain) -> Self {
        Bins { grain, ..Bins::default() }
    }

    /// Counts a wait that ended; `within`, whether it is within the objective.
    pub(super) fn record(&mut self, ms: u64, within: bool) {
        self.known.add(self.grain.index(ms), 1);
        self.known_count += 1;
        self.within_count += u64::from(within);
        self.sum_ms = self.sum_ms.saturating_add(ms);
        self.max_ms = self.max_ms.max(ms);
    }

    /// Counts a job that waited at least so long.
    pub(super) fn censor(&mut self, ms: u64) {
        self.censored.add(self.grain.index(ms), 1);
        self.censored_count += 1;
    }

    /// Counts everything that `other`, which is of the same grain, counted.
    pub(super) fn merge(&mut self, other: &Bins) {
        other.known.iter().for_each(|(step, times)| self.known.add(step, times));
        other.censored.iter().for_each(|(step, times)| self.censored.add(step, times));
        self.known_count += other.known_count;
        self.censored_count += other.censored_count;
        self.within_count += other.within_count;
        self.sum_ms = self.sum_ms.saturating_add(other.sum_ms);
        self.max_ms = self.max_ms.max(other.max_ms);
    }

    /// The summary.
    pub(super) fn wait(&self) -> Wait {
        let curve = self.curve();
        let percentile = |percent: u32| self.percentile(&curve, percent);
        let (mean, method) = self.mean(&curve);
        Wait {
            mean,
            p50: percentile(50),
            p90: percentile(90),
            p95: percentile(95),
            p99: percentile(99),
            max: (self.known_count > 0).then(|| secs_of(self.max_ms)),
            known: self.known_count,
            censored: self.censored_count,
            method,
        }
    }

    /// The share of the jobs that waits no longer than the objective; `None` without a known wait.
    pub(super) fn within(&self, slo_ms: u64) -> Option<f64> {
        if self.known_count == 0 {
            return None;
        }
        if self.censored_count == 0 {
            return Some(ratio(self.within_count, self.known_count));
        }
        let bound = self.grain.value_ms(self.grain.index(slo_ms));
        let curve = self.curve();
        let last = curve.iter().take_while(|point| point.ms <= bound).last();
        Some(last.map_or(0.0, |point| 1.0 - point.longer))
    }

    /// The steps at which jobs got runners, in rising order, with the share that waited longer.
    fn curve(&self) -> Vec<Point> {
        let mut censored = self.censored.iter().peekable();
        let mut waiting = self.known_count + self.censored_count;
        let mut longer = 1.0;
        let mut curve = Vec::new();
        for (step, times) in self.known.iter() {
            while let Some((_, gone)) = censored.next_if(|(at, _)| *at < step) {
                waiting -= u64::from(gone);
            }
            longer *= 1.0 - ratio(u64::from(times), waiting);
            waiting -= u64::from(times);
            curve.push(Point { ms: self.grain.value_ms(step), longer });
        }
        curve
    }

    fn percentile(&self, curve: &[Point], percent: u32) -> Option<f64> {
        let bound = 1.0 - f64::from(percent) / 100.0 + TOLERANCE;
        let found = curve.iter().find(|point| point.longer <= bound);
        // The last step of a coarse grain may lie above the longest wait.
        found.map(|point| secs_of(point.ms.min(self.max_ms)))
    }

    /// The area under the curve; without censored waits the plain mean, which is exact.
    fn mean(&self, curve: &[Point]) -> (Option<f64>, WaitMethod) {
        match (self.known_count, self.censored_count) {
            (0, 0) => return (None, WaitMethod::None),
            (known, 0) => {
                return (Some(secs_of(self.sum_ms) / as_f64(known)), WaitMethod::Observed);
            }
            _ => {}
        }
        let (mut area, mut before, mut longer) = (0.0, 0, 1.0);
        for point in curve {
            area += longer * secs_of(point.ms - before);
            (before, longer) = (point.ms, point.longer);
        }
        let last = self.censored.iter().last().map_or(0, |(step, _)| self.grain.value_ms(step));
        let beyond = last.saturating_sub(before);
        match longer > TOLERANCE {
            true => (Some(area + longer * secs_of(beyond)), WaitMethod::AtLeast),
            false => (Some(area), WaitMethod::KaplanMeier),
        }
    }
}

fn as_f64(n: u64) -> f64 {
    super::count(n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Kaplan-Meier job by job, as a textbook has it: at each distinct wait, those at risk are
    /// counted anew.
    fn slow(known: &[u64], censored: &[u64]) -> Vec<(u64, f64)> {
        let mut at: Vec<u64> = known.to_vec();
        at.sort_unstable();
        at.dedup();
        let mut longer = 1.0;
        at.into_iter()
            .map(|at| {
                let events = known.iter().filter(|wait| **wait == at).count();
                let risk = known.iter().chain(censored).filter(|wait| **wait >= at).count();
                longer *= 1.0 - ratio(events as u64, risk as u64);
                (at, longer)
            })
            .collect()
    }

    fn bins(known: &[u64], censored: &[u64], slo_ms: u64) -> Bins {
        let mut bins = Bins::new(Grain::Fine);
        for ms in known {
            bins.record(*ms, *ms <= slo_ms);
        }
        for ms in censored {
            bins.censor(*ms);
        }
        bins
    }

    proptest! {
        #[test]
        fn the_curve_is_that_of_a_textbook(
            known in proptest::collection::vec((0..400_u64).prop_map(|s| s * 1000), 1..80),
            censored in proptest::collection::vec((0..400_u64).prop_map(|s| s * 1000), 0..40),
            slo in (0..400_u64).prop_map(|s| s * 1000),
        ) {
            let bins = bins(&known, &censored, slo);
            let model = slow(&known, &censored);
            let curve = bins.curve();
            prop_assert_eq!(curve.len(), model.len());
            for (point, (ms, longer)) in curve.iter().zip(&model) {
                prop_assert_eq!(point.ms, *ms);
                prop_assert!((point.longer - longer).abs() < 1e-9);
            }
            let within = model.iter().take_while(|(ms, _)| *ms <= slo).last();
            let within = within.map_or(0.0, |(_, longer)| 1.0 - longer);
            prop_assert!((bins.within(slo).unwrap() - within).abs() < 1e-9);
        }

        #[test]
        fn without_censored_waits_percentiles_are_nearest_ranks(
            known in proptest::collection::vec((0..400_u64).prop_map(|s| s * 1000), 1..80),
        ) {
            let wait = bins(&known, &[], 0).wait();
            let mut sorted = known.clone();
            sorted.sort_unstable();
            let rank = |percent: usize| secs_of(sorted[(sorted.len() * percent).div_ceil(100) - 1]);
            prop_assert_eq!(wait.p50, Some(rank(50)));
            prop_assert_eq!(wait.p90, Some(rank(90)));
            prop_assert_eq!(wait.p99, Some(rank(99)));
            let sum: u64 = known.iter().sum();
            let mean = secs_of(sum) / as_f64(known.len() as u64);
            prop_assert!((wait.mean.unwrap() - mean).abs() < 1e-9);
        }
    }

    #[test]
    fn a_published_example_comes_out() {
        // Remission times of the 6-MP group of Freireich et al. (1963), the usual textbook example;
        // survival 0.857 at 6, 0.807 at 7, 0.753 at 10, 0.690 at 13, 0.627 at 16, 0.538 at 22 and
        // 0.448 at 23 weeks. Weeks stand for seconds.
        let known = [6, 6, 6, 7, 10, 13, 16, 22, 23].map(|weeks| weeks * 1000);
        let censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35].map(|weeks| weeks * 1000);
        let curve = bins(&known, &censored, 0).curve();
        let found: Vec<(u64, String)> =
            curve.iter().map(|p| (p.ms / 1000, format!("{:.3}", p.longer))).collect();
        let expected = [
            (6, "0.857"),
            (7, "0.807"),
            (10, "0.753"),
            (13, "0.690"),
            (16, "0.627"),
            (22, "0.538"),
            (23, "0.448"),
        ];
        assert_eq!(found, expected.map(|(at, longer)| (at, longer.to_owned())));
        let wait = bins(&known, &censored, 0).wait();
        assert_eq!((wait.p50, wait.p90), (Some(23.0), None), "too many still wait to know p90");
        assert_eq!(wait.method, WaitMethod::AtLeast);
    }

    #[test]
    fn jobs_that_still_wait_make_waits_longer_not_shorter() {
        let known = vec![10_000; 90];
        let alone = bins(&known, &[], 30_000);
        let with = bins(&known, &[600_000; 10], 30_000);
        assert_eq!((alone.wait().p95, with.wait().p95), (Some(10.0), None));
        assert_eq!((alone.within(30_000), with.within(30_000)), (Some(1.0), Some(0.9)));
        assert!(with.wait().mean > alone.wait().mean);
        assert_eq!(bins(&[], &[5000], 1).within(1), None);
    }
}
