//! Instants as text, always UTC.
//!
//! The calendar follows Howard Hinnant's `civil_from_days`:
//! <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>.

const DAY_SECS: i64 = 86_400;
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// The first of January 1970 was a Thursday.
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// An instant taken apart.
struct Civil {
    year: i64,
    month: i64,
    day: i64,
    weekday: &'static str,
    hour: i64,
    minute: i64,
    second: i64,
}

/// `2026-11-22 22:31:05`.
pub(crate) fn full(at_ms: i64) -> String {
    let Civil { year, month, day, hour, minute, second, .. } = civil(at_ms);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// `2026-11-22T22:31:05Z`, for `<time datetime>`.
pub(crate) fn iso(at_ms: i64) -> String {
    full(at_ms).replacen(' ', "T", 1) + "Z"
}

/// `2026-11-22 22:31`.
pub(crate) fn minute(at_ms: i64) -> String {
    full(at_ms).chars().take(16).collect()
}

/// `2026-11-22T22:31`, as forms write instants.
pub(crate) fn input(at_ms: i64) -> String {
    minute(at_ms).replacen(' ', "T", 1)
}

/// `22:31`.
pub(crate) fn clock(at_ms: i64) -> String {
    let Civil { hour, minute, .. } = civil(at_ms);
    format!("{hour:02}:{minute:02}")
}

/// `22:31:05`.
pub(crate) fn clock_secs(at_ms: i64) -> String {
    let Civil { hour, minute, second, .. } = civil(at_ms);
    format!("{hour:02}:{minute:02}:{second:02}")
}

/// `Sun 22 Nov`.
pub(crate) fn date(at_ms: i64) -> String {
    let Civil { weekday, day, month, .. } = civil(at_ms);
    let month = usize::try_from(month - 1).ok().and_then(|month| MONTHS.get(month));
    format!("{weekday} {day} {}", month.copied().unwrap_or_default())
}

/// Whether a day begins at this instant.
pub(crate) fn is_midnight(at_ms: i64) -> bool {
    at_ms.rem_euclid(DAY_SECS * 1_000) == 0
}

fn civil(at_ms: i64) -> Civil {
    let secs = at_ms.div_euclid(1_000);
    let (days, of_day) = (secs.div_euclid(DAY_SECS), secs.rem_euclid(DAY_SECS));
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let weekday = usize::try_from(days.rem_euclid(7)).ok().and_then(|day| WEEKDAYS.get(day));
    Civil {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month,
        day: of_year - (153 * from_march + 2) / 5 + 1,
        weekday: weekday.copied().unwrap_or_default(),
        hour: of_day / 3_600,
        minute: of_day / 60 % 60,
        second: of_day % 60,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_read_as_the_calendar_says() {
        let cases = [
            (0, "1970-01-01 00:00:00", "Thu 1 Jan"),
            (-1, "1969-12-31 23:59:59", "Wed 31 Dec"),
            (1_709_208_000_000, "2024-02-29 12:00:00", "Thu 29 Feb"),
            (1_795_386_665_999, "2026-11-22 22:31:05", "Sun 22 Nov"),
            (4_107_542_400_000, "2100-03-01 00:00:00", "Mon 1 Mar"),
        ];
        for (at_ms, expected, day) in cases {
            assert_eq!((full(at_ms).as_str(), date(at_ms).as_str()), (expected, day));
        }
    }

    #[test]
    fn machine_readable_times_are_marked_as_utc() {
        assert_eq!(iso(1_795_386_665_000), "2026-11-22T22:31:05Z");
    }

    #[test]
    fn no_instant_is_too_large_or_too_small() {
        for at_ms in [i64::MIN, i64::MAX] {
            assert!(!full(at_ms).is_empty());
        }
    }
}
