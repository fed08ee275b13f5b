//! Where a request goes. Its path and query may be a secret and are never shown.

use std::fmt;

use ureq::http::Uri;

/// An `http` or `https` address.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    uri: Uri,
    host: String,
}

/// A text that is no address. It is not repeated: it may be a secret with a slip of the pen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is no URL.
    #[error("a URL was expected, such as https://hooks.example.com/headroom")]
    Malformed,
    /// It is one of another kind.
    #[error("a URL that begins with https:// or http:// was expected")]
    Scheme,
    /// It holds a name or password.
    #[error("a URL without a user and password was expected")]
    User,
}

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let uri: Uri = text.trim().parse().map_err(|_| AddressError::Malformed)?;
        let authority = uri.authority().ok_or(AddressError::Malformed)?;
        if authority.as_str().contains('@') {
            return Err(AddressError::User);
        }
        if authority.host().is_empty() {
            return Err(AddressError::Malformed);
        }
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(AddressError::Scheme);
        }
        let host = authority.as_str().to_owned();
        Ok(Address { uri, host })
    }

    /// The address of another path at the same place, such as `/api/health`; what stands there
    /// already is kept in front of it.
    ///
    /// # Errors
    /// When `path` holds what no path may hold.
    pub fn join(&self, path: &str) -> Result<Self, AddressError> {
        let scheme = self.uri.scheme_str().unwrap_or("https");
        let before = self.uri.path().trim_end_matches('/');
        Address::parse(&format!(
            "{scheme}://{}{before}/{}",
            self.host,
            path.trim_start_matches('/')
        ))
    }

    /// Path and query of an address at the same place and below it, such as a next page's; the
    /// other way round from [`Address::join`]. `None` where it lies elsewhere.
    pub fn rest_of(&self, text: &str) -> Option<String> {
        let other = Address::parse(text).ok()?;
        let is_here = self.uri.scheme() == other.uri.scheme() && self.host == other.host;
        let path = other.uri.path_and_query().filter(|_| is_here)?.as_str();
        let rest = path.strip_prefix(self.uri.path().trim_end_matches('/'))?;
        rest.starts_with('/').then(|| rest.to_owned())
    }

    /// Host and port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Host and port, the usual one where none is named: `hooks.example.com:443`.
    pub fn endpoint(&self) -> String {
        let usual = if self.is_encrypted() { 443 } else { 80 };
        match self.uri.port() {
            Some(_) => self.host.clone(),
            None => format!("{}:{usual}", self.host),
        }
    }

    /// Whether what is sent is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.uri.scheme_str() == Some("https")
    }

    /// Whether it is on this machine.
    pub fn is_local(&self) -> bool {
        let host = self.uri.host().unwrap_or_default();
        let name = host.trim_start_matches('[').trim_end_matches(']');
        let is_loopback = name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
        is_loopback || name.eq_ignore_ascii_case("localhost")
    }

    /// All of it, to make a request.
    pub(crate) fn uri(&self) -> &Uri {
        &self.uri
    }

    /// `text` without what is secret of this address.
    pub fn without_path(&self, text: &str) -> String {
        let path = self.uri.path_and_query().map_or("/", |path| path.as_str());
        if path.len() > 1 { text.replace(path, "/...") } else { text.to_owned() }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.uri.path().len() > 1 { "/..." } else { "/" };
        write!(f, "{}://{}{path}", self.uri.scheme_str().unwrap_or_default(), self.host)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_next_page_lies_at_the_same_place_or_nowhere() {
        let base = Address::parse("https://ghe.example.com/api/v3").unwrap();
        let rest = |text: &str| base.rest_of(text);
        let next = "https://ghe.example.com/api/v3/orgs/a/runners?page=2";
        assert_eq!(rest(next).as_deref(), Some("/orgs/a/runners?page=2"));
        for elsewhere in [
            "https://ghe.example.com/api/v30/x",
            "https://ghe.example.com:8443/api/v3/x",
            "http://ghe.example.com/api/v3/x",
            "https://evil.example.com/api/v3/x",
            "/api/v3/x",
        ] {
            assert_eq!(rest(elsewhere), None, "{elsewhere}");
        }
    }

    #[test]
    fn an_address_never_shows_its_path() {
        let address =
            Address::parse("https://hooks.example.com/services/T0/hush?x=hush\n").unwrap();
        assert_eq!(address.to_string(), "https://hooks.example.com/...");
        assert_eq!(format!("{address:?}"), "https://hooks.example.com/...");
        assert_eq!(address.without_path("no /services/T0/hush?x=hush here"), "no /... here");
        assert_eq!(address.host(), "hooks.example.com");
        assert!(address.is_encrypted() && !address.is_local());
    }

    #[test]
    fn what_is_no_address_is_refused_and_not_repeated() {
        for (text, expected) in [
            ("", AddressError::Malformed),
            ("/hush", AddressError::Malformed),
            ("hooks.example.com", AddressError::Scheme),
            ("ftp://example.com/hush", AddressError::Scheme),
            ("https://me:hush@example.com/", AddressError::User),
            ("https:///hush", AddressError::Malformed),
            ("https://exa mple.com/hush", AddressError::Malformed),
        ] {
            let error = Address::parse(text).unwrap_err();
            assert_eq!(error, expected, "{text}");
            assert!(!error.to_string().contains("hush"));
        }
    }

    #[test]
    fn this_machine_is_known_by_its_names() {
        for host in ["127.0.0.1:9", "[::1]", "localhost:80"] {
            assert!(Address::parse(&format!("http://{host}/x")).unwrap().is_local(), "{host}");
        }
        assert!(!Address::parse("http://127.0.0.1.example.com/").unwrap().is_local());
    }

    #[test]
    fn a_path_is_joined_to_what_stands_there() {
        for (base, expected) in [
            ("https://g.example.com", "https://g.example.com/api/health"),
            ("https://example.com/grafana/", "https://example.com/grafana/api/health"),
        ] {
            let joined = Address::parse(base).unwrap().join("/api/health").unwrap();
            assert_eq!(joined.uri().to_string(), expected);
        }
    }
}
