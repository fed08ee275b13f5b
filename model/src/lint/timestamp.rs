//! `_aws.Timestamp`: an integer of milliseconds, not too old and not too far ahead.

use super::json::Raw;
use super::{Finding, Rule};
use crate::Timestamp;
use crate::emf::{AGE_MAX, AHEAD_MAX};

const PATH: &str = "_aws.Timestamp";

/// Objects to a time that CloudWatch refuses at `now`.
pub(super) fn check(raw: Option<Raw<'_>>, now: Timestamp) -> Option<Finding> {
    let Some(raw) = raw else {
        return Some(Finding::new(Rule::TimestampMissing, "_aws", ""));
    };
    let Ok(number) = raw.get().parse::<i64>() else {
        return Some(Finding::new(Rule::TimestampNotInteger, PATH, raw.get()));
    };
    if let Some((unit, millis)) = other_unit(number) {
        let remedy = format!("these look like {unit}: write milliseconds, {millis}");
        return Some(Finding::new(Rule::TimestampUnit, PATH, raw.get()).but(remedy));
    }
    let at = Timestamp::from_millis(number);
    if now.saturating_since(at) > AGE_MAX {
        return Some(Finding::new(Rule::TimestampOld, PATH, format!("{number}, {at}")));
    }
    if at.saturating_since(now) > AHEAD_MAX {
        return Some(Finding::new(Rule::TimestampAhead, PATH, format!("{number}, {at}")));
    }
    None
}

/// The unit that `number` seems to be in, and the same time in milliseconds. As milliseconds, the
/// ranges lie before April 1973 and after the year 5000.
fn other_unit(number: i64) -> Option<(&'static str, i64)> {
    const SECONDS: std::ops::Range<i64> = 100_000_000..100_000_000_000;
    const MICROSECONDS: std::ops::Range<i64> = 100_000_000_000_000..100_000_000_000_000_000;
    match number {
        n if SECONDS.contains(&n) => Some(("seconds", n * 1000)),
        n if MICROSECONDS.contains(&n) => Some(("microseconds", n / 1000)),
        n if n >= MICROSECONDS.end => Some(("nanoseconds", n / 1_000_000)),
        _ => None,
    }
}
