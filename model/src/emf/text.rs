//! Texts in the alphabet that CloudWatch accepts.

use std::borrow::Cow;
use std::fmt::Write;

use super::DIMENSION_VALUE_LEN_MAX;

/// Stands for a value that is empty or blank, which CloudWatch rejects.
const BLANK: &str = "(none)";

/// Characters of the mark that keeps two long values apart: `~` and 16 hexadecimal digits.
const MARK_LEN: usize = 17;

/// `text` as a dimension value: ASCII without control characters, not blank, at most
/// [`DIMENSION_VALUE_LEN_MAX`] characters. Other characters become `\u{1f680}`; what is too long is
/// cut and ends in a hash of the whole, so that distinct values stay distinct.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html>
pub fn dimension_value(text: &str) -> Cow<'_, str> {
    let plain = text.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
    if plain && text.len() <= DIMENSION_VALUE_LEN_MAX && !text.trim().is_empty() {
        return Cow::Borrowed(text);
    }
    if text.trim().is_empty() {
        return Cow::Borrowed(BLANK);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == ' ' || c.is_ascii_graphic() {
            out.push(c);
        } else {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
        if out.len() > DIMENSION_VALUE_LEN_MAX {
            break;
        }
    }
    if out.len() > DIMENSION_VALUE_LEN_MAX {
        out.truncate(DIMENSION_VALUE_LEN_MAX - MARK_LEN);
        let _ = write!(out, "~{:016x}", fnv1a(text.as_bytes()));
    }
    Cow::Owned(out)
}

/// 64-bit FNV-1a: the same on every machine and in every version. <http://www.isthe.com/chongo/tech/comp/fnv/>
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_value_is_left_alone() {
        assert!(matches!(dimension_value("build (linux, 22.04)"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_cloudwatch_rejects_is_escaped_or_named() {
        assert_eq!(dimension_value("deploy \u{1f680}"), "deploy \\u{1f680}");
        assert_eq!(dimension_value("a\tb"), "a\\u{9}b");
        assert_eq!(dimension_value(""), "(none)");
        assert_eq!(dimension_value("  "), "(none)");
    }

    #[test]
    fn the_longest_value_is_cut_and_stays_distinct() {
        for (len, cut) in [(1023, false), (1024, false), (1025, true)] {
            let text = "x".repeat(len);
            let value = dimension_value(&text);
            assert!(value.len() <= DIMENSION_VALUE_LEN_MAX);
            assert_eq!(value != text, cut, "{len}");
        }
        let (a, b) = ("y".repeat(2000), "y".repeat(2001));
        assert_ne!(dimension_value(&a), dimension_value(&b));
        assert!(dimension_value(&"\u{1f680}".repeat(500)).len() <= DIMENSION_VALUE_LEN_MAX);
    }
}
