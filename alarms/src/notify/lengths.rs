//! Lengths of time in words, as people say them.

use std::time::Duration;

/// `40 s`, `12 min`, `3 h 5 min`, `2 d 4 h`: two units at most, the rest left out.
pub(super) fn in_words(length: Duration) -> String {
    let secs = length.as_secs();
    let two = |large: u64, a: &str, small: u64, b: &str| match small {
        0 => format!("{large} {a}"),
        small => format!("{large} {a} {small} {b}"),
    };
    match secs {
        0..120 => format!("{secs} s"),
        120..7_200 => format!("{} min", secs / 60),
        7_200..172_800 => two(secs / 3_600, "h", secs % 3_600 / 60, "min"),
        _ => two(secs / 86_400, "d", secs % 86_400 / 3_600, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_said_in_two_units_at_most() {
        for (secs, expected) in [
            (0, "0 s"),
            (119, "119 s"),
            (120, "2 min"),
            (7_199, "119 min"),
            (7_200, "2 h"),
            (11_100, "3 h 5 min"),
            (187_200, "2 d 4 h"),
        ] {
            assert_eq!(in_words(Duration::from_secs(secs)), expected);
        }
    }
}
