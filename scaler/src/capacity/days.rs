//! Jobs and runner time of each pool by day: what [`stretch`](super::stretch) decides by.

use std::collections::BTreeMap;
use std::time::Duration;

use model::Timestamp;

use super::Name;

const DAY_MS: i64 = 86_400_000;

/// A day since the epoch, in UTC.
pub(super) fn day(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(DAY_MS)
}

/// Its first instant.
pub(super) fn midnight(day: i64) -> Timestamp {
    Timestamp::from_millis(day.saturating_mul(DAY_MS))
}

/// One day of one pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Day {
    pub(super) jobs: u64,
    pub(super) ran_ms: u64,
}

/// Jobs and runner time by pool and day. What is older than the period can be is not kept.
#[derive(Clone, Debug)]
pub struct Days {
    pub(super) by_pool: BTreeMap<usize, BTreeMap<i64, Day>>,
    newest: i64,
    /// Days before the newest that may be in the period.
    reach: i64,
}

impl Days {
    /// For a period of that length, which ends with the newest event.
    pub fn new(since: Duration) -> Self {
        let reach = i64::try_from(since.as_secs() / 86_400 + 1).unwrap_or(i64::MAX);
        Days { by_pool: BTreeMap::new(), newest: i64::MIN, reach }
    }

    /// A job that ended asked for a runner then, and had it for so long.
    pub fn note(&mut self, pool: Name, at: Timestamp, ran: Duration) {
        let day = day(at);
        if day > self.newest {
            self.newest = day;
            let first = self.first();
            for days in self.by_pool.values_mut() {
                *days = days.split_off(&first);
            }
        }
        if day < self.first() {
            return;
        }
        let noted = self.by_pool.entry(pool.index()).or_default().entry(day).or_default();
        noted.jobs += 1;
        noted.ran_ms += u64::try_from(ran.as_millis()).unwrap_or(u64::MAX);
    }

    fn first(&self) -> i64 {
        self.newest.saturating_sub(self.reach)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_in_any_order_and_forgotten_beyond_the_period() {
        let mut days = Days::new(Duration::from_hours(48));
        let at = |day: i64| Timestamp::from_secs(day * 86_400 + 7);
        for day in [3, 1, 9, 7, 6, 5, 7] {
            days.note(Name::UNKNOWN, at(day), Duration::from_secs(2));
        }
        let found: Vec<(i64, u64, u64)> =
            days.by_pool[&0].iter().map(|(day, it)| (*day, it.jobs, it.ran_ms)).collect();
        assert_eq!(found, [(6, 1, 2000), (7, 2, 4000), (9, 1, 2000)]);
    }
}
