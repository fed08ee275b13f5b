//! Addresses: our own views, and other people's pages that are safe to link to.

use crate::Range;

/// The address of a view: `/?range=24h&pool=NAME`.
pub(crate) fn view(range: Range, pool: Option<&str>) -> String {
    match pool {
        None => format!("/?range={}", range.key()),
        Some(pool) => format!("/?range={}&pool={}", range.key(), encode(pool)),
    }
}

/// The address of one decision as JSON.
pub fn decisions_url(pool: &str, since: &str) -> String {
    format!("/api/decisions?pool={}&since={}", encode(pool), encode(since))
}

/// Longer addresses are not linked to: a job's is a fraction of it.
const EXTERNAL_BYTES_MAX: usize = 1024;

/// An address from a webhook, if following it cannot run anything: `http` and `https` only.
pub(crate) fn external(url: Option<&str>) -> Option<&str> {
    url.filter(|url| url.len() <= EXTERNAL_BYTES_MAX).filter(|url| {
        let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
        scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")
    })
}

/// Percent-encodes everything but the unreserved characters of RFC 3986, section 2.3.
fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => write!(encoded, "%{byte:02X}").unwrap_or_default(),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_of_any_name_survives_the_address() {
        assert_eq!(view(Range::Day, None), "/?range=24h");
        assert_eq!(view(Range::Hour, Some("a b&c=é")), "/?range=1h&pool=a%20b%26c%3D%C3%A9");
    }

    #[test]
    fn only_http_addresses_become_links() {
        for url in ["https://github.com/a/b", "http://ghes.local/a", "HTTPS://x/"] {
            assert_eq!(external(Some(url)), Some(url));
        }
        for url in [
            "javascript:alert(1)",
            " https://x/",
            "data:text/html,x",
            "//x",
            "java\nscript://x",
            "",
        ] {
            assert_eq!(external(Some(url)), None, "{url:?}");
        }
    }
}
