//! Jobs that asked for a runner at nearly the same time.

use std::collections::BTreeMap;

use model::Timestamp;
use model::capacity::Bursts;

use super::{count, ratio};

/// Two jobs that asked closer to each other than this are of one burst: a push fans out into a
/// matrix whose jobs come within seconds, and the next push is not that near.
pub const BURST_GAP_MS: i64 = 10_000;

/// Bursts of one pool.
#[derive(Clone, Debug, Default)]
pub(super) struct Groups {
    /// How many there were of each size.
    by_size: BTreeMap<u64, u64>,
    largest: Option<(u64, i64)>,
}

impl Groups {
    /// Of arrivals in order of time, `(ms, jobs)`; `began` is told when each burst began.
    pub(super) fn of(
        arrivals: impl Iterator<Item = (i64, i64)>,
        mut began: impl FnMut(i64),
    ) -> Self {
        let mut groups = Groups::default();
        let mut open: Option<(i64, i64, u64)> = None;
        for (at, jobs) in arrivals {
            let jobs = jobs.unsigned_abs();
            open = Some(match open {
                Some((first, last, size)) if at - last < BURST_GAP_MS => (first, at, size + jobs),
                before => {
                    groups.close(before);
                    began(at);
                    (at, at, jobs)
                }
            });
        }
        groups.close(open);
        groups
    }

    fn close(&mut self, burst: Option<(i64, i64, u64)>) {
        let Some((first, _, size)) = burst else { return };
        *self.by_size.entry(size).or_default() += 1;
        if self.largest.is_none_or(|(largest, _)| size > largest) {
            self.largest = Some((size, first));
        }
    }

    /// The figures, of a period of this many seconds.
    pub(super) fn figures(&self, period_secs: f64) -> Bursts {
        let bursts: u64 = self.by_size.values().sum();
        let jobs: u64 = self.by_size.iter().map(|(size, times)| size * times).sum();
        let percentile = |percent: u64| {
            let rank = (bursts * percent).div_ceil(100).max(1);
            let mut seen = 0;
            let found = self.by_size.iter().find(|(_, times)| {
                seen += **times;
                seen >= rank
            });
            found.map_or(0, |(size, _)| *size)
        };
        Bursts {
            gap_secs: count(BURST_GAP_MS.unsigned_abs()) / 1000.0,
            count: bursts,
            per_hour: if period_secs > 0.0 { count(bursts) * 3600.0 / period_secs } else { 0.0 },
            jobs_mean: if bursts > 0 { ratio(jobs, bursts) } else { 0.0 },
            jobs_p50: percentile(50),
            jobs_p95: percentile(95),
            jobs_max: self.largest.map_or(0, |(size, _)| size),
            largest_at: self.largest.map(|(_, at)| Timestamp::from_millis(at)),
            sizes: self.sizes(),
        }
    }

    /// By powers of two: of 1, 2, 3 to 4, 5 to 8 and so on jobs.
    fn sizes(&self) -> Vec<(u64, u64)> {
        let mut sizes: BTreeMap<u64, u64> = BTreeMap::new();
        for (size, times) in &self.by_size {
            let least = match size.next_power_of_two() {
                power @ (1 | 2) => power,
                power => power / 2 + 1,
            };
            *sizes.entry(least).or_default() += times;
        }
        sizes.into_iter().collect()
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "sums and products of small whole numbers are exact")]
mod tests {
    use super::*;

    #[test]
    fn arrivals_closer_than_ten_seconds_are_one_burst() {
        let arrivals = [(0, 3), (9_999, 1), (19_999, 1), (25_000, 4), (100_000, 1)];
        let mut began = Vec::new();
        let groups = Groups::of(arrivals.into_iter(), |at| began.push(at));
        assert_eq!(began, [0, 19_999, 100_000]);
        let found = groups.figures(3600.0);
        assert_eq!((found.count, found.jobs_max, found.jobs_p50), (3, 5, 4));
        assert_eq!(found.largest_at, Some(Timestamp::from_millis(19_999)));
        assert_eq!(found.sizes, [(1, 1), (3, 1), (5, 1)]);
        assert!((found.jobs_mean - 10.0 / 3.0).abs() < 1e-9 && found.per_hour == 3.0);
    }

    #[test]
    fn nothing_has_no_bursts() {
        let found = Groups::of(std::iter::empty(), |_| {}).figures(0.0);
        assert_eq!((found.count, found.jobs_p95, found.largest_at), (0, 0, None));
    }
}
