//! Hours without a single job where many bursts are usual: a holiday, or webhooks that never came.

use std::collections::BTreeMap;

use model::Timestamp;
use model::capacity::Period;

use super::count;

const HOUR_MS: i64 = 3_600_000;

/// Hours of a week.
const WEEK: i64 = 168;

/// The same hour of another week tells what is usual, so two weeks are the least.
const WEEKS_MIN: i64 = 2;

/// So many bursts must be missing: were bursts independent of each other, none where twelve are
/// usual would be seen once in 160,000 such stretches. They are less independent, so this is not a
/// proof and the report says what else it may be.
const MISSING_MIN: f64 = 12.0;

/// A silence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Gap {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    /// Bursts that are usual in such hours.
    pub(super) usual: f64,
}

/// The silences of a period, the longest first. `bursts` counts by hour since the epoch. `None`
/// where the period is too short to know what is usual.
pub(super) fn gaps(period: Period, bursts: &BTreeMap<i64, u64>) -> Option<Vec<Gap>> {
    let first = period.from.as_millis().div_euclid(HOUR_MS);
    let last = period.to.as_millis().div_euclid(HOUR_MS);
    if last - first < WEEKS_MIN * WEEK {
        return None;
    }
    let mut found: Vec<Gap> = Vec::new();
    let mut silence: Option<(i64, f64)> = None;
    for hour in first..=last {
        let is_silent = hour < last && !bursts.contains_key(&hour);
        silence = match (is_silent, silence) {
            (true, None) => Some((hour, usual(hour, first, last, bursts))),
            (true, Some((from, sum))) => Some((from, sum + usual(hour, first, last, bursts))),
            (false, Some((from, sum))) => {
                if sum >= MISSING_MIN {
                    let at = |hour: i64| Timestamp::from_millis(hour * HOUR_MS);
                    found.push(Gap { from: at(from).max(period.from), to: at(hour), usual: sum });
                }
                None
            }
            (false, None) => None,
        };
    }
    found.sort_by(|a, b| b.usual.total_cmp(&a.usual));
    Some(found)
}

/// Bursts in the same hour of the other weeks, on average.
fn usual(hour: i64, first: i64, last: i64, bursts: &BTreeMap<i64, u64>) -> f64 {
    let earliest = hour - (hour - first) / WEEK * WEEK;
    let (mut weeks, mut sum) = (0_u64, 0_u64);
    let mut other = earliest;
    while other < last {
        if other != hour {
            weeks += 1;
            sum += bursts.get(&other).copied().unwrap_or(0);
        }
        other += WEEK;
    }
    if weeks > 0 { count(sum) / count(weeks) } else { 0.0 }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "sums and products of small whole numbers are exact")]
mod tests {
    use super::*;

    /// Three bursts an hour by day, none by night, for so many weeks.
    fn weeks(weeks: i64) -> (Period, BTreeMap<i64, u64>) {
        let bursts = (0..weeks * WEEK).filter(|hour| (8..20).contains(&(hour % 24)));
        let period =
            Period { from: Timestamp::EPOCH, to: Timestamp::from_secs(weeks * WEEK * 3600) };
        (period, bursts.map(|hour| (hour, 3)).collect())
    }

    #[test]
    fn quiet_nights_are_usual_and_a_silent_day_is_not() {
        let (period, mut bursts) = weeks(4);
        assert_eq!(gaps(period, &bursts), Some(Vec::new()));
        // The whole of the ninth day, and three hours of another, which is too little to tell.
        bursts.retain(|hour, _| hour / 24 != 9 && !(298..301).contains(hour));
        let found = gaps(period, &bursts).unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].usual, 36.0);
        let hours = [found[0].from, found[0].to].map(|at| at.as_secs() / 3600);
        assert_eq!(hours, [8 * 24 + 20, 10 * 24 + 8], "from the last evening to the next morning");
    }

    #[test]
    fn less_than_two_weeks_do_not_say_what_is_usual() {
        let (period, bursts) = weeks(1);
        assert_eq!(gaps(period, &bursts), None);
    }
}
