//! How CloudWatch decides whether an alarm fires: M of N, and what missing data means.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html>

use serde::{Deserialize, Serialize};

use crate::Missing;

/// Beyond the N periods CloudWatch looks at some more, to be used where data is missing. It says
/// only that there are more; in its documentation's examples, with N = 3 and N = 1, it is two.
pub const EXTRA_PERIODS: u32 = 2;

/// How an alarm stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// It does not fire.
    Ok,
    /// It fires.
    Alarm,
    /// Too little is known to say.
    InsufficientData,
}

impl State {
    /// CloudWatch's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            State::Ok => "OK",
            State::Alarm => "ALARM",
            State::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

/// The state after these periods, the oldest first: whether each breached, `None` where its value is
/// missing. There are `periods` and [`EXTRA_PERIODS`] of them; `m` of `periods` must breach.
pub fn evaluate(
    range: &[Option<bool>],
    (m, periods): (u32, u32),
    missing: Missing,
    current: State,
) -> State {
    let (m, n) = (m as usize, periods as usize);
    // The newest N that are there, however far back.
    let real: Vec<bool> = range.iter().rev().flatten().copied().take(n).collect();
    let breaching = real.iter().filter(|breaches| **breaches).count();
    if breaching >= m {
        return State::Alarm;
    }
    let lacking = n - real.len();
    let is_silent = real.is_empty();
    match missing {
        _ if lacking == 0 => State::Ok,
        Missing::Breaching if breaching + lacking >= m => State::Alarm,
        Missing::Missing if is_silent => State::InsufficientData,
        Missing::Missing if is_premature(range, m) => State::Alarm,
        Missing::Ignore if is_silent || is_premature(range, m) => current,
        Missing::Missing | Missing::NotBreaching | Missing::Breaching | Missing::Ignore => {
            State::Ok
        }
    }
}

/// Whether all that is there breached, and the oldest is at least M periods old: what came since
/// might have told, and did not.
fn is_premature(range: &[Option<bool>], m: usize) -> bool {
    let oldest = range.iter().position(Option::is_some);
    let age = oldest.map_or(0, |place| range.len() - place);
    age >= m && range.iter().flatten().all(|breaches| *breaches)
}

#[cfg(test)]
mod tests {
    use super::*;
    use State::{Alarm, InsufficientData, Ok};

    /// `0` does not breach, `X` does, `-` is missing; the expected states are for data that is
    /// missing, ignored, breaching and not breaching. The present state is the third.
    fn check(periods: &str, of: (u32, u32), expected: [State; 4]) {
        let point = |c: char| (c != '-').then_some(c == 'X');
        let range: Vec<Option<bool>> = periods.split(' ').flat_map(str::chars).map(point).collect();
        let treatments =
            [Missing::Missing, Missing::Ignore, Missing::Breaching, Missing::NotBreaching];
        let found = treatments.map(|missing| evaluate(&range, of, missing, RETAINED));
        assert_eq!(found, expected, "{periods} {of:?}");
    }

    /// The state that is retained stands out among the others.
    const RETAINED: State = InsufficientData;

    #[test]
    fn three_of_three_is_cloudwatchs_table() {
        check("0 - X - X", (3, 3), [Ok, Ok, Ok, Ok]);
        check("0 - - - -", (3, 3), [Ok, Ok, Ok, Ok]);
        check("- - - - -", (3, 3), [InsufficientData, RETAINED, Alarm, Ok]);
        check("0 X X - X", (3, 3), [Alarm, Alarm, Alarm, Alarm]);
        check("- - X - -", (3, 3), [Alarm, RETAINED, Alarm, Ok]);
    }

    #[test]
    fn two_of_three_is_cloudwatchs_table() {
        check("0 - X - X", (2, 3), [Alarm, Alarm, Alarm, Alarm]);
        check("0 0 X 0 X", (2, 3), [Alarm, Alarm, Alarm, Alarm]);
        check("0 - X - -", (2, 3), [Ok, Ok, Alarm, Ok]);
        check("- - - - 0", (2, 3), [Ok, Ok, Alarm, Ok]);
        check("- - - X -", (2, 3), [Alarm, RETAINED, Alarm, Ok]);
    }

    #[test]
    fn one_breach_among_silence_waits_until_more_could_have_come() {
        check("- - - - X", (3, 3), [Ok, Ok, Alarm, Ok]);
        check("- - - X -", (3, 3), [Ok, Ok, Alarm, Ok]);
        check("- - X - 0", (3, 3), [Ok, Ok, Ok, Ok]);
    }

    #[test]
    fn old_data_decides_for_as_long_as_it_is_in_reach() {
        check("X X X - -", (3, 3), [Alarm, Alarm, Alarm, Alarm]);
        check("X X - - -", (3, 3), [Alarm, RETAINED, Alarm, Ok]);
        check("X - -", (1, 1), [Alarm, Alarm, Alarm, Alarm]);
        check("- - -", (1, 1), [InsufficientData, RETAINED, Alarm, Ok]);
    }

    #[test]
    fn what_is_older_than_the_newest_n_does_not_count() {
        check("X X 0 0 0", (2, 3), [Ok, Ok, Ok, Ok]);
        check("X X 0 X 0", (2, 3), [Ok, Ok, Ok, Ok]);
    }
}
