//! Long texts made short without making two of them one.

use std::borrow::Cow;
use std::fmt::Write;

/// Characters of the mark that keeps two long texts apart: `~` and 16 hexadecimal digits.
const MARK_LEN: usize = 17;

/// `text` in at most `bytes_max` bytes, which must hold the mark: what is too long is cut and ends
/// in a hash of the whole, so that distinct texts stay distinct.
pub fn shortened(text: &str, bytes_max: usize) -> Cow<'_, str> {
    if text.len() <= bytes_max {
        return Cow::Borrowed(text);
    }
    Cow::Owned(marked(text, text, bytes_max))
}

/// The beginning of `shown` with the hash of `whole`, in at most `bytes_max` bytes.
pub(crate) fn marked(shown: &str, whole: &str, bytes_max: usize) -> String {
    let cut = shown.floor_char_boundary(bytes_max.saturating_sub(MARK_LEN));
    let mut out = shown[..cut].to_owned();
    let _ = write!(out, "~{:016x}", fnv1a(whole.as_bytes()));
    out
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
    fn what_is_too_long_is_cut_between_characters_and_stays_distinct() {
        for len in [99, 100, 101] {
            let text = "x".repeat(len);
            assert_eq!(shortened(&text, 100) == text, len <= 100);
        }
        let (a, b) = ("\u{1f680}".repeat(200), "\u{1f680}".repeat(201));
        assert!(shortened(&a, 100).len() <= 100);
        assert_ne!(shortened(&a, 100), shortened(&b, 100));
    }
}
