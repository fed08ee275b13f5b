//! How much of GitHub's patience the search for lost news may use: the same allowance is needed to
//! register runners.

use std::time::Duration;

use github::Rate;
use model::Timestamp;

/// The search takes one request of so many that GitHub allows.
const SHARE: u64 = 5;

/// While less than one of so many is left, nothing is asked.
const RESERVE: u32 = 5;

/// Calls of a round, however few the share is: two repositories and a few runs.
const ROUND_MIN: u64 = 12;

/// The allowance of a token; an App has more. Until an answer says how much it is.
/// <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>
const USUAL_LIMIT: u32 = 5000;

const HOUR: Duration = Duration::from_hours(1);

/// Calls that a round of `every` may make.
pub fn calls(rate: Option<Rate>, every: Duration) -> u64 {
    let limit = u64::from(rate.map_or(USUAL_LIMIT, |rate| rate.limit));
    (limit * every.as_secs() / HOUR.as_secs() / SHARE).max(ROUND_MIN)
}

/// Until when nothing is to be asked, because so little is left.
pub fn rests_until(rate: Option<Rate>, now: Timestamp) -> Option<Timestamp> {
    let Rate { limit, remaining, reset } = rate?;
    (now < reset && remaining < limit / RESERVE).then_some(reset)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESET: Timestamp = Timestamp::from_secs(3600);

    fn rate(limit: u32, remaining: u32) -> Rate {
        Rate { limit, remaining, reset: RESET }
    }

    #[test]
    fn rounds_of_an_hour_take_a_fifth_of_it() {
        let (five, hour) = (Duration::from_mins(5), HOUR);
        for (limit, every, expected) in
            [(5000, five, 83), (15_000, five, 250), (5000, hour, 1000), (60, five, ROUND_MIN)]
        {
            assert_eq!(calls(Some(rate(limit, limit)), every), expected, "{limit} in {every:?}");
        }
        assert_eq!(calls(None, five), 83);
    }

    #[test]
    fn what_is_little_is_left_to_others_until_the_hour_is_over() {
        let now = Timestamp::from_secs(10);
        assert_eq!(rests_until(Some(rate(5000, 999)), now), Some(RESET));
        assert_eq!(rests_until(Some(rate(5000, 1000)), now), None);
        assert_eq!(rests_until(Some(rate(5000, 0)), RESET), None, "it begins anew");
        assert_eq!(rests_until(None, now), None);
    }
}
