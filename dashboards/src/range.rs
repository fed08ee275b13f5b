//! How far back a view looks: each range owns its name, length and step.

/// A view's length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Range {
    /// The last hour.
    Hour,
    /// The last 6 hours.
    SixHours,
    /// The last 24 hours.
    #[default]
    Day,
    /// The last 7 days.
    Week,
    /// The last 30 days.
    Month,
}

/// One range's row in the table below.
struct Facts {
    key: &'static str,
    label: &'static str,
    phrase: &'static str,
    duration_ms: i64,
    step_ms: i64,
}

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

impl Range {
    /// Every range, shortest first.
    pub const ALL: [Self; 5] = [Self::Hour, Self::SixHours, Self::Day, Self::Week, Self::Month];

    /// Those that the table of pools sets side by side.
    pub const COMPARED: [Self; 3] = [Self::Hour, Self::Day, Self::Week];

    /// The range of a `range=` parameter; `None` for a word we do not know.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|range| range.key() == key)
    }

    /// The word in the address: `1h`, `6h`, `24h`, `7d`, `30d`.
    pub const fn key(self) -> &'static str {
        self.facts().key
    }

    /// The word on the page: `1 h`, `6 h`, `24 h`, `7 d`, `30 d`.
    pub const fn label(self) -> &'static str {
        self.facts().label
    }

    /// The words in a sentence: `last 24 hours`.
    pub const fn phrase(self) -> &'static str {
        self.facts().phrase
    }

    /// Its length in milliseconds.
    pub const fn duration_ms(self) -> i64 {
        self.facts().duration_ms
    }

    /// The width of one chart step in milliseconds, whole minutes as the series are: between 60 and 180 steps make a range.
    pub const fn step_ms(self) -> i64 {
        self.facts().step_ms
    }

    const fn facts(self) -> Facts {
        match self {
            Self::Hour => Facts {
                key: "1h",
                label: "1 h",
                phrase: "last hour",
                duration_ms: HOUR_MS,
                step_ms: MINUTE_MS,
            },
            Self::SixHours => Facts {
                key: "6h",
                label: "6 h",
                phrase: "last 6 hours",
                duration_ms: 6 * HOUR_MS,
                step_ms: 2 * MINUTE_MS,
            },
            Self::Day => Facts {
                key: "24h",
                label: "24 h",
                phrase: "last 24 hours",
                duration_ms: DAY_MS,
                step_ms: 10 * MINUTE_MS,
            },
            Self::Week => Facts {
                key: "7d",
                label: "7 d",
                phrase: "last 7 days",
                duration_ms: 7 * DAY_MS,
                step_ms: HOUR_MS,
            },
            Self::Month => Facts {
                key: "30d",
                label: "30 d",
                phrase: "last 30 days",
                duration_ms: 30 * DAY_MS,
                step_ms: 6 * HOUR_MS,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_range_is_found_by_its_own_key() {
        for range in Range::ALL {
            assert_eq!(Range::parse(range.key()), Some(range));
        }
        assert_eq!(Range::parse("1 fortnight"), None);
    }

    #[test]
    fn every_range_fits_a_chart_in_60_to_180_steps() {
        for range in Range::ALL {
            let steps = range.duration_ms() / range.step_ms();
            assert!((60..=180).contains(&steps), "{range:?} has {steps} steps");
            assert_eq!(range.duration_ms() % range.step_ms(), 0);
        }
    }
}
