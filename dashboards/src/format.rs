//! Figures as text: durations, counts, levels.

/// What is shown where nothing is known.
pub(crate) const UNKNOWN: &str = "–";

/// A duration in milliseconds: `0 s`, `42 s`, `3 min 05 s`, `1 h 12 min`, `2 d 3 h`; unknown is an en
/// dash. Two units are enough to act on; a negative duration is a clock's fault and reads `0 s`.
pub fn duration(ms: Option<i64>) -> String {
    let Some(ms) = ms else { return UNKNOWN.to_owned() };
    let secs = ms.max(0) / 1_000;
    let (mins, hours, days) = (secs / 60, secs / 3_600, secs / 86_400);
    match secs {
        ..60 => format!("{secs} s"),
        60..3_600 => format!("{mins} min {:02} s", secs % 60),
        3_600..86_400 => format!("{hours} h {:02} min", mins % 60),
        _ => format!("{days} d {} h", hours % 24),
    }
}

/// A duration in seconds, as chart series hold it.
pub fn duration_secs(secs: Option<f64>) -> String {
    duration(secs.filter(|secs| secs.is_finite()).map(|secs| whole(secs * 1_000.0)))
}

/// A round duration as short as it goes, for axes and steps: `30 s`, `10 min`, `1 h`.
pub(crate) fn round_duration(ms: i64) -> String {
    match ms / 1_000 {
        secs if secs >= 86_400 && secs % 86_400 == 0 => format!("{} d", secs / 86_400),
        secs if secs >= 3_600 && secs % 3_600 == 0 => format!("{} h", secs / 3_600),
        secs if secs >= 60 && secs % 60 == 0 => format!("{} min", secs / 60),
        secs => format!("{secs} s"),
    }
}

/// A round number of seconds on an axis.
pub(crate) fn axis_secs(secs: f64) -> String {
    match whole(secs) {
        0 => "0".to_owned(),
        secs => round_duration(secs * 1_000),
    }
}

/// A count with thousands set apart: `12,480`.
pub(crate) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A level or a sum of a chart: whole if it is whole, else with one decimal.
pub(crate) fn level(value: Option<f64>) -> String {
    match value.filter(|value| value.is_finite()) {
        None => UNKNOWN.to_owned(),
        Some(value) if value >= 100.0 || (value - value.round()).abs() < 0.05 => {
            count(u64::try_from(whole(value)).unwrap_or_default())
        }
        Some(value) => format!("{value:.1}"),
    }
}

/// Hours of a runner: `12.3 h`, `1,204 h`.
pub(crate) fn hours(value: Option<f64>) -> String {
    match value.filter(|value| value.is_finite()) {
        None => UNKNOWN.to_owned(),
        value => format!("{} h", level(value)),
    }
}

/// Hundredths of a whole: `62.5 %`.
pub(crate) fn percent(value: Option<f64>) -> String {
    match value.filter(|value| value.is_finite()) {
        None => UNKNOWN.to_owned(),
        value => format!("{} %", level(value)),
    }
}

/// `1 job`, `2 jobs`.
pub(crate) fn jobs(value: u32) -> String {
    format!("{} {}", count(value.into()), if value == 1 { "job" } else { "jobs" })
}

#[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and figures stay below 2^53")]
fn whole(value: f64) -> i64 {
    value.round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_reads_in_at_most_two_units() {
        let cases = [
            (None, "–"),
            (Some(-5_000), "0 s"),
            (Some(999), "0 s"),
            (Some(42_000), "42 s"),
            (Some(59_999), "59 s"),
            (Some(185_000), "3 min 05 s"),
            (Some(4_320_000), "1 h 12 min"),
            (Some(86_399_000), "23 h 59 min"),
            (Some(183_600_000), "2 d 3 h"),
        ];
        for (ms, expected) in cases {
            assert_eq!(duration(ms), expected);
        }
    }

    #[test]
    fn a_round_duration_names_one_unit() {
        let cases = [
            (30_000, "30 s"),
            (90_000, "90 s"),
            (600_000, "10 min"),
            (7_200_000, "2 h"),
            (86_400_000, "1 d"),
        ];
        for (ms, expected) in cases {
            assert_eq!(round_duration(ms), expected);
        }
    }

    #[test]
    fn thousands_are_set_apart() {
        let cases = [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345_678, "12,345,678")];
        for (value, expected) in cases {
            assert_eq!(count(value), expected);
        }
    }

    #[test]
    fn a_level_keeps_a_decimal_only_if_it_says_something() {
        let cases = [
            (None, "–"),
            (Some(0.0), "0"),
            (Some(3.01), "3"),
            (Some(3.4), "3.4"),
            (Some(1234.5), "1,235"),
            (Some(f64::NAN), "–"),
        ];
        for (value, expected) in cases {
            assert_eq!(level(value), expected);
        }
    }
}
