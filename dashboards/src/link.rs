//! Addresses: our own, and other people's that are safe to link to.

use std::fmt::Write as _;

/// An address that is being written.
pub(crate) struct Address {
    text: String,
    is_first: bool,
}

impl Address {
    /// A path that is written as it is.
    pub(crate) fn new(path: &str) -> Self {
        Address { text: path.to_owned(), is_first: true }
    }

    /// One parameter more.
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        self.text.push(if self.is_first { '?' } else { '&' });
        self.is_first = false;
        let _ = write!(self.text, "{name}={}", encode(value));
    }

    /// The address.
    pub(crate) fn finish(self) -> String {
        self.text
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
pub(crate) fn encode(text: &str) -> String {
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
