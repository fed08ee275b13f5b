//! A variable that may be packed: all of a function together hold 4 KB.
//! <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>

use std::borrow::Cow;
use std::io::Read;

use flate2::read::GzDecoder;

/// How base64 of anything packed by gzip begins, and no JSON.
const BEGINNING: &str = "H4sI";

/// Bytes, unpacked; more is none of ours.
const BYTES_MAX: u64 = 1 << 20;

/// The text, or what it is in base64 and packed by gzip.
///
/// # Errors
/// When it begins as such and is not, in words.
pub fn unpacked(text: &str) -> Result<Cow<'_, str>, String> {
    if !text.starts_with(BEGINNING) {
        return Ok(Cow::Borrowed(text));
    }
    let problem = |error: &dyn std::fmt::Display| format!("{error}; gzip in base64 was expected");
    let packed = ingest::from_base64(text.as_bytes()).map_err(|error| problem(&error))?;
    let mut whole = String::new();
    let read = GzDecoder::new(packed.as_slice()).take(BYTES_MAX).read_to_string(&mut whole);
    read.map(|_| Cow::Owned(whole)).map_err(|error| problem(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf '[1,2]' | gzip -n | base64`
    const PACKED: &str = "H4sIAAAAAAAAA4s21DGKBQC/UIsIBQAAAA==";

    #[test]
    fn a_packed_text_is_unpacked_and_any_other_is_what_it_is() {
        assert_eq!(unpacked(PACKED).unwrap(), "[1,2]");
        assert_eq!(unpacked("[1,2]").unwrap(), "[1,2]");
        for broken in ["H4sI", "H4sI?", &PACKED[..24]] {
            let error = unpacked(broken).unwrap_err();
            assert!(error.contains("gzip in base64 was expected"), "{broken}: {error}");
        }
    }
}
