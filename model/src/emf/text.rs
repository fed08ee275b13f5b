//! Texts in the alphabet that CloudWatch accepts.

use std::borrow::Cow;
use std::fmt::Write;

use super::DIMENSION_VALUE_LEN_MAX;
use crate::text::marked;

/// Stands for a value that is empty or blank, which CloudWatch rejects.
const BLANK: &str = "(none)";

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
        out = marked(&out, text, DIMENSION_VALUE_LEN_MAX);
    }
    Cow::Owned(out)
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
