//! How many jobs ran at one time: over all instants, by hour of the week, and step by step.

use std::collections::BTreeMap;

use model::Timestamp;
use model::capacity::{Concurrency, ConcurrencyPoint, Period, PoolReport};

use super::{count, ratio};

const HOUR_MS: i64 = 3_600_000;
const MINUTE_MS: i64 = 60_000;

/// Hours of a week.
pub(super) const HOURS: usize = 168;

/// A stretch of time in which the same number of jobs ran.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    from_ms: i64,
    to_ms: i64,
    level: u64,
}

/// The mean and the most of one hour of the week or one step.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Part {
    /// Level times milliseconds.
    area: u64,
    ms: u64,
    /// The most at one time.
    pub(super) max: u64,
}

impl Part {
    fn add(&mut self, ms: i64, level: u64) {
        let ms = ms.unsigned_abs();
        self.area += level * ms;
        self.ms += ms;
        self.max = self.max.max(level);
    }

    /// The mean; `None` without time.
    pub(super) fn mean(&self) -> Option<f64> {
        (self.ms > 0).then(|| ratio(self.area, self.ms))
    }

    /// Milliseconds that were looked at.
    pub(super) fn ms(&self) -> u64 {
        self.ms
    }
}

/// What the running jobs of a period show.
#[derive(Clone, Debug)]
pub(super) struct Levels {
    /// Milliseconds by level.
    by_level: BTreeMap<u64, u64>,
    /// By hour of the week.
    pub(super) hours: Vec<Part>,
    steps: Vec<Part>,
    from_ms: i64,
    step_ms: i64,
}

impl Levels {
    /// Of changes in order of time, all within the period.
    pub(super) fn of(period: Period, changes: impl Iterator<Item = (i64, i64)>) -> Self {
        let (from, to) = (period.from.as_millis(), period.to.as_millis());
        let step_ms = step_ms(to - from);
        let steps = usize::try_from((to - from + step_ms - 1) / step_ms).unwrap_or(0).max(1);
        let mut levels = Levels {
            by_level: BTreeMap::new(),
            hours: vec![Part::default(); HOURS],
            steps: vec![Part::default(); steps],
            from_ms: from,
            step_ms,
        };
        let (mut at, mut level) = (from, 0_i64);
        for (next, change) in changes {
            // A coarse step may lie before the period that it belongs to.
            let next = next.clamp(from, to);
            levels.add(Stretch { from_ms: at, to_ms: next, level: level.max(0).unsigned_abs() });
            (at, level) = (next, level + change);
        }
        levels.add(Stretch { from_ms: at, to_ms: to, level: level.max(0).unsigned_abs() });
        levels
    }

    fn add(&mut self, whole: Stretch) {
        if whole.to_ms <= whole.from_ms {
            return;
        }
        let ms = (whole.to_ms - whole.from_ms).unsigned_abs();
        *self.by_level.entry(whole.level).or_default() += ms;
        cut(whole, 0, HOUR_MS, |piece| {
            let (day, hour) = Timestamp::from_millis(piece.from_ms).weekday_and_hour();
            let place = usize::from(day) * 24 + usize::from(hour);
            self.hours[place].add(piece.to_ms - piece.from_ms, piece.level);
        });
        cut(whole, self.from_ms, self.step_ms, |piece| {
            let place = usize::try_from((piece.from_ms - self.from_ms) / self.step_ms).unwrap_or(0);
            if let Some(step) = self.steps.get_mut(place) {
                step.add(piece.to_ms - piece.from_ms, piece.level);
            }
        });
    }

    /// Over all instants; `busy_ms` is the exact runner time.
    pub(super) fn concurrency(&self, busy_ms: f64) -> Concurrency {
        let all: u64 = self.by_level.values().sum();
        let (mut seen, mut p95) = (0, 0);
        for (level, ms) in &self.by_level {
            seen += ms;
            p95 = *level;
            if u128::from(seen) * 100 >= u128::from(all) * 95 {
                break;
            }
        }
        let max = self.by_level.last_key_value().map_or(0, |(level, _)| *level);
        Concurrency { mean: if all > 0 { busy_ms / count(all) } else { 0.0 }, p95, max }
    }

    /// The share of the time in which at least `level` jobs ran.
    pub(super) fn time_at(&self, level: u64) -> f64 {
        let at: u64 = self.by_level.range(level..).map(|(_, ms)| ms).sum();
        ratio(at, self.by_level.values().sum())
    }

    /// Step by step, and the length of a step in seconds.
    pub(super) fn points(&self) -> (Vec<ConcurrencyPoint>, f64) {
        let at = |n: i64| Timestamp::from_millis(self.from_ms + n * self.step_ms);
        let points = (0..).zip(&self.steps).map(|(n, step)| ConcurrencyPoint {
            at: at(n),
            mean: step.mean().unwrap_or(0.0),
            max: step.max,
            runners: None,
        });
        (points.collect(), count(self.step_ms.unsigned_abs()) / 1000.0)
    }
}

/// Whole minutes, so that there are no more than [`PoolReport::POINTS_MAX`] steps.
fn step_ms(period_ms: i64) -> i64 {
    let most = i64::try_from(PoolReport::POINTS_MAX).unwrap_or(i64::MAX) * MINUTE_MS;
    ((period_ms + most - 1) / most).max(1) * MINUTE_MS
}

/// Cuts a stretch at the multiples of `step` after `origin`.
fn cut(whole: Stretch, origin: i64, step: i64, mut take: impl FnMut(Stretch)) {
    let mut from = whole.from_ms;
    while from < whole.to_ms {
        let to = (origin + ((from - origin).div_euclid(step) + 1) * step).min(whole.to_ms);
        take(Stretch { from_ms: from, to_ms: to, level: whole.level });
        from = to;
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "sums and products of small whole numbers are exact")]
mod tests {
    use super::*;

    fn period(from_secs: i64, to_secs: i64) -> Period {
        Period { from: Timestamp::from_secs(from_secs), to: Timestamp::from_secs(to_secs) }
    }

    #[test]
    fn concurrency_is_weighted_by_time() {
        // Nothing for 50 s, one job for 45 s, three for 5 s.
        let changes = [(50_000, 1), (95_000, 2), (100_000, -3)];
        let levels = Levels::of(period(0, 100), changes.into_iter());
        let found = levels.concurrency(60_000.0);
        assert_eq!((found.mean, found.p95, found.max), (0.6, 1, 3));
        assert_eq!(levels.time_at(3), 0.05);
        let (points, step) = levels.points();
        assert_eq!((points.len(), step), (2, 60.0));
        assert_eq!((points[0].max, points[1].max), (1, 3));
        assert!((points[0].mean - 10.0 / 60.0).abs() < 1e-9);
    }

    #[test]
    fn each_instant_belongs_to_one_hour_of_the_week_and_one_step() {
        // From Thursday 23:30 over two weeks: 335 h 30 min.
        let from = 23 * 3600 + 1800;
        let period = period(from, from + 14 * 86_400 - 1800);
        let all = period.to.as_millis() - period.from.as_millis();
        let levels = Levels::of(period, [(period.from.as_millis(), 2)].into_iter());
        let hours: u64 = levels.hours.iter().map(Part::ms).sum();
        assert_eq!(hours, all.unsigned_abs());
        assert!(levels.hours.iter().all(|hour| hour.mean() == Some(2.0)));
        assert_eq!(levels.hours[3 * 24 + 23].ms(), 3_600_000 + 1_800_000);
        let (points, _) = levels.points();
        assert!(points.len() <= PoolReport::POINTS_MAX);
        assert!(points.iter().all(|point| point.max == 2));
    }
}
