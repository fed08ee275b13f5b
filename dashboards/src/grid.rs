//! The series behind the charts, all on one grid of equal time steps.

use crate::Range;

/// One value per step of the [`Grid`]; `None` is "not known", never "zero".
///
/// A series shorter than its grid is unknown from there on.
pub type Series = Vec<Option<f64>>;

/// Upper bounds of the wait buckets in seconds, doubling from 1 s to 2 days (GitHub fails a job
/// that found no runner long before).
pub const WAIT_BOUNDS_SECS: [f64; 18] = [
    1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0, 240.0, 480.0, 900.0, 1_800.0, 3_600.0, 7_200.0,
    14_400.0, 28_800.0, 86_400.0, 172_800.0,
];

/// More steps than this only cost bytes: a chart is some hundred pixels wide.
pub const STEPS_MAX: i64 = 150;

/// The steps of a stretch, in minutes. From an hour on they are whole hours, which a store can
/// answer without looking at each minute.
const STEPS_MIN: [i64; 11] = [1, 2, 5, 10, 60, 120, 240, 360, 720, 1_440, 10_080];

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 1_440 * MINUTE_MS;

/// Equal time steps: step `i` covers `start_ms + i * step_ms` until the next, end excluded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Grid {
    /// Where the first step begins, in milliseconds since the Unix epoch.
    pub start_ms: i64,
    /// The width of a step in milliseconds.
    pub step_ms: i64,
    /// How many steps there are; more than 150 only cost bytes.
    pub len: usize,
}

impl Grid {
    /// The grid of a range whose last step holds `now_ms`. Steps begin on multiples of their
    /// width (UTC), so that a bar does not change its members as time goes on.
    pub fn ending_at(now_ms: i64, range: Range) -> Self {
        let step_ms = range.step_ms();
        let steps = range.duration_ms() / step_ms;
        let start_ms = (now_ms.div_euclid(step_ms) + 1 - steps) * step_ms;
        Self { start_ms, step_ms, len: usize::try_from(steps).unwrap_or_default() }
    }

    /// The grid that holds a stretch of time in at most [`STEPS_MAX`] steps.
    pub fn over(from_ms: i64, to_ms: i64) -> Self {
        let length_ms = to_ms.saturating_sub(from_ms).max(MINUTE_MS);
        let fits = |step_ms: &i64| length_ms / step_ms < STEPS_MAX;
        let step_ms = STEPS_MIN.map(|mins| mins * MINUTE_MS).into_iter().find(fits);
        let step_ms = step_ms.unwrap_or_else(|| (length_ms / STEPS_MAX / DAY_MS + 1) * DAY_MS);
        let first = from_ms.div_euclid(step_ms);
        let end = to_ms.saturating_sub(1).div_euclid(step_ms).saturating_add(1);
        let len = usize::try_from(end.saturating_sub(first)).unwrap_or_default().max(1);
        Self { start_ms: first.saturating_mul(step_ms), step_ms, len }
    }

    /// The step that holds an instant; `None` outside the grid.
    pub fn index_of(&self, at_ms: i64) -> Option<usize> {
        let index = at_ms.checked_sub(self.start_ms)?.checked_div_euclid(self.step_ms)?;
        usize::try_from(index).ok().filter(|index| *index < self.len)
    }

    /// Where a step begins, in milliseconds since the Unix epoch.
    pub fn at_ms(&self, index: usize) -> i64 {
        let index = i64::try_from(index).unwrap_or(i64::MAX);
        self.start_ms.saturating_add(index.saturating_mul(self.step_ms))
    }

    /// Where the last step ends, in milliseconds since the Unix epoch.
    pub fn end_ms(&self) -> i64 {
        self.at_ms(self.len)
    }
}

/// How many waits fell into which bucket, step by step.
#[derive(Debug, Clone, PartialEq)]
pub struct HeatMap {
    /// What is counted, one of it: `job`, `boot`.
    pub noun: &'static str,
    /// Upper bounds of the buckets in seconds, rising; the first bucket begins at 0. A longer
    /// wait belongs into the last bucket. [`WAIT_BOUNDS_SECS`] is a good choice.
    pub bounds_secs: Vec<f64>,
    /// For each step, a count for each bucket. Short or absent columns count as zero.
    pub columns: Vec<Vec<u32>>,
}

impl HeatMap {
    /// An empty map of jobs over the usual buckets, with a column for each step.
    pub fn empty(len: usize) -> Self {
        let bounds_secs = WAIT_BOUNDS_SECS.to_vec();
        Self { noun: "job", columns: vec![vec![0; bounds_secs.len()]; len], bounds_secs }
    }

    /// Counts one wait. A step outside the map is ignored.
    pub fn add(&mut self, step: usize, wait_secs: f64) {
        self.add_many(step, wait_secs, 1);
    }

    /// Counts `times` waits of the same length. A step outside the map is ignored.
    pub fn add_many(&mut self, step: usize, wait_secs: f64, times: u32) {
        let last = self.bounds_secs.len().saturating_sub(1);
        let bucket = self.bounds_secs.partition_point(|bound| *bound < wait_secs).min(last);
        if let Some(count) = self.columns.get_mut(step).and_then(|column| column.get_mut(bucket)) {
            *count = count.saturating_add(times);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_step_holds_now() {
        let now_ms = 1_795_386_665_000;
        for range in Range::ALL {
            let grid = Grid::ending_at(now_ms, range);
            assert_eq!(grid.index_of(now_ms), Some(grid.len - 1), "{range:?}");
            assert_eq!(grid.start_ms % grid.step_ms, 0);
        }
    }

    #[test]
    fn any_stretch_is_held_by_few_steps() {
        let from_ms = 1_795_386_665_123;
        for length_ms in [0, 1, 61_000, 5_400_000, 90_000_000, 7_776_000_000, 40_000_000_000_000] {
            let grid = Grid::over(from_ms, from_ms + length_ms);
            assert!((1..=151).contains(&grid.len), "{length_ms}: {grid:?}");
            assert_eq!(grid.start_ms % grid.step_ms, 0);
            assert_eq!(grid.index_of(from_ms), Some(0), "{length_ms}: {grid:?}");
            assert!(grid.end_ms() >= from_ms + length_ms, "{length_ms}: {grid:?}");
        }
    }

    #[test]
    fn an_instant_outside_the_grid_has_no_step() {
        let grid = Grid { start_ms: 1_000, step_ms: 100, len: 3 };
        let found = [999, 1_000, 1_299, 1_300].map(|at_ms| grid.index_of(at_ms));
        assert_eq!(found, [None, Some(0), Some(2), None]);
    }

    #[test]
    fn a_wait_on_a_bound_belongs_to_the_bucket_below_it() {
        let mut map = HeatMap::empty(1);
        for wait_secs in [0.0, 1.0, 1.1, 1e9] {
            map.add(0, wait_secs);
        }
        map.add(7, 1.0);
        assert_eq!(map.columns[0][..2], [2, 1]);
        assert_eq!(map.columns[0].last(), Some(&1));
    }
}
