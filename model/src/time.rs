//! Instants with millisecond resolution, in UTC, as values.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An instant: milliseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A text that is not an RFC 3339 instant.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{text:?} is not an RFC 3339 time such as 2026-01-31T12:00:00Z")]
pub struct TimeError {
    text: String,
}

impl Timestamp {
    /// The Unix epoch.
    pub const EPOCH: Timestamp = Timestamp(0);

    /// From milliseconds since the Unix epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Timestamp(millis)
    }

    /// From whole seconds since the Unix epoch.
    pub const fn from_secs(secs: i64) -> Self {
        Timestamp(secs.saturating_mul(1000))
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The start of the minute that this instant lies in.
    pub const fn minute(self) -> Timestamp {
        Timestamp(self.0.div_euclid(60_000) * 60_000)
    }

    /// The day of the week in UTC, 0 is Monday, and the hour of the day.
    pub const fn weekday_and_hour(self) -> (u8, u8) {
        let hour = self.0.div_euclid(3_600_000);
        // The epoch was a Thursday.
        let day = (hour.div_euclid(24) + 3).rem_euclid(7);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0..7 and 0..24"
        )]
        (day as u8, hour.rem_euclid(24) as u8)
    }

    /// How far this instant lies after `earlier`, or `None` when it lies before it.
    pub fn since(self, earlier: Timestamp) -> Option<Duration> {
        u64::try_from(self.0.saturating_sub(earlier.0)).ok().map(Duration::from_millis)
    }

    /// How far this instant lies after `earlier`; zero when it lies before it.
    pub fn saturating_since(self, earlier: Timestamp) -> Duration {
        self.since(earlier).unwrap_or(Duration::ZERO)
    }

    /// The instant `by` later; the last representable one when that is out of range.
    pub fn plus(self, by: Duration) -> Timestamp {
        Timestamp(self.0.saturating_add(millis(by)))
    }

    /// The instant `by` earlier; the first representable one when that is out of range.
    pub fn minus(self, by: Duration) -> Timestamp {
        Timestamp(self.0.saturating_sub(millis(by)))
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

impl FromStr for Timestamp {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        text.parse::<jiff::Timestamp>()
            .map(|at| Timestamp(at.as_millisecond()))
            .map_err(|_| TimeError { text: text.chars().take(64).collect() })
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 with milliseconds only where there are any: `2026-01-31T12:00:00Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(at) => write!(f, "{at}"),
            Err(_) => write!(f, "{} ms since the epoch", self.0),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_survives_its_text() {
        for text in ["2026-01-31T12:00:00Z", "2021-03-18T16:45:13.25Z", "1969-12-31T23:59:59Z"] {
            assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), text);
        }
        let zoned: Timestamp = "2026-01-31T13:00:00+01:00".parse().unwrap();
        assert_eq!(zoned.to_string(), "2026-01-31T12:00:00Z");
    }

    #[test]
    fn what_is_no_instant_says_what_was_expected() {
        let error = "yesterday".parse::<Timestamp>().unwrap_err().to_string();
        assert!(error.contains("yesterday") && error.contains("RFC 3339"), "{error}");
    }

    #[test]
    fn the_hour_of_the_week_is_that_of_utc() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", (3, 0)),
            ("2026-11-23T00:00:00Z", (0, 0)),
            ("2026-11-22T23:59:59Z", (6, 23)),
            ("1969-12-29T05:00:00Z", (0, 5)),
        ] {
            assert_eq!(text.parse::<Timestamp>().unwrap().weekday_and_hour(), expected, "{text}");
        }
    }

    #[test]
    fn differences_know_their_direction() {
        let (a, b) = (Timestamp::from_secs(10), Timestamp::from_secs(12));
        assert_eq!(b.since(a), Some(Duration::from_secs(2)));
        assert_eq!(a.since(b), None);
        assert_eq!(a.saturating_since(b), Duration::ZERO);
        assert_eq!(Timestamp::from_millis(-1).minute(), Timestamp::from_secs(-60));
    }
}
