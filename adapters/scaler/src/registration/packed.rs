//! A runner's configuration as a parameter.
//!
//! It has about 4 KB, by the names in it a bit less or more. What is longer than that makes an
//! advanced parameter, which costs by the hour, and a call each that costs too.
//! <https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html>

use std::borrow::Cow;
use std::io::{self, Write};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;

/// The longest value of a standard parameter.
const STANDARD_MAX: usize = 4096;

/// As it is, or, where that is too long for a standard parameter, packed by gzip: most of it is base64
/// of base64. The agent tells the two by how they begin.
pub(super) fn packed(encoded: &str) -> Cow<'_, str> {
    if encoded.len() <= STANDARD_MAX {
        return Cow::Borrowed(encoded);
    }
    let bytes = BASE64_STANDARD.decode(encoded);
    // What would not come back as it was is handed over as it is.
    let bytes = bytes.ok().filter(|bytes| BASE64_STANDARD.encode(bytes) == encoded);
    match bytes.map(|bytes| gzip(&bytes)) {
        Some(Ok(packed)) => Cow::Owned(BASE64_STANDARD.encode(packed)),
        _ => Cow::Borrowed(encoded),
    }
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes)?;
    gzip.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    /// As GitHub makes them: base64 of JSON whose members are base64 of JSON with a key in base64.
    fn configuration(keys: u64) -> String {
        let noise = |i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
        let key: Vec<u8> = (1..=keys).flat_map(noise).collect();
        let json = format!(r#"{{"d":"{}"}}"#, BASE64_STANDARD.encode(key));
        let member = BASE64_STANDARD.encode(json);
        BASE64_STANDARD.encode(format!(r#"{{".credentials_rsaparams":"{member}"}}"#))
    }

    #[test]
    fn a_long_configuration_fits_a_standard_parameter_and_comes_back_whole() {
        let config = configuration(225);
        assert!(config.len() > STANDARD_MAX, "{}", config.len());
        let packed = packed(&config);
        assert!(packed.starts_with("H4sI") && packed.len() <= STANDARD_MAX, "{}", packed.len());
        let mut bytes = Vec::new();
        let gzip = BASE64_STANDARD.decode(packed.as_bytes()).unwrap();
        GzDecoder::new(gzip.as_slice()).read_to_end(&mut bytes).unwrap();
        assert_eq!(BASE64_STANDARD.encode(bytes), config);
    }

    #[test]
    fn what_is_short_or_would_not_come_back_is_handed_over_as_it_is() {
        let no_base64 = "x".repeat(STANDARD_MAX + 1);
        for config in [configuration(10), no_base64] {
            assert_eq!(packed(&config), config);
        }
    }
}
