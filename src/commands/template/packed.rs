//! Text that would not fit as it is.

use std::io::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::limits::wrong;
use crate::exit::Failure;

/// All variables of a function together.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const VARIABLES_BYTES_MAX: usize = 4_096;

/// What is left of these for names and for all variables beside the pools: log groups, roll-ups, who
/// registers runners, where secrets lie.
const OTHERS_BYTES: usize = 896;

/// What the pools may take.
const BYTES_MAX: usize = VARIABLES_BYTES_MAX - OTHERS_BYTES;

/// JSON as a variable of a function: as it is, or, where it is too long for one, packed by gzip in
/// base64, which the
/// functions read as well.
///
/// # Errors
/// When it is too long all the same.
pub fn variable(what: &str, json: String) -> Result<String, Failure> {
    if json.len() <= BYTES_MAX {
        return Ok(json);
    }
    let text = packed(&json);
    match text.len() <= BYTES_MAX {
        true => Ok(text),
        false => Err(wrong(format!(
            "{what} take {} bytes when they are packed, and a function's variable has room for \
             {BYTES_MAX}",
            text.len()
        ))),
    }
}

/// The text packed by gzip, in base64.
pub fn packed(text: &str) -> String {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    let packed = gzip.write_all(text.as_bytes()).and_then(|()| gzip.finish());
    BASE64_STANDARD.encode(packed.expect("memory takes everything"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_stands_there_in_words_and_what_does_not_is_packed() {
        let list = |len: usize| format!("[{}]", "x".repeat(len - 2));
        assert_eq!(variable("x", list(BYTES_MAX)).unwrap(), list(BYTES_MAX));
        let packed = variable("x", list(BYTES_MAX + 1)).unwrap();
        assert!(packed.starts_with("H4sI") && packed.len() < 100, "{packed}");
        // No two parts of it are alike.
        let noise = |i: u32| format!("{:x}", u64::from(i).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let error = variable("the pools", (0..1000).map(noise).collect()).unwrap_err();
        assert!(format!("{error:?}").contains("the pools take"), "{error:?}");
    }
}
