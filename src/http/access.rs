//! Who may look at the page and the API.
//!
//! On this machine everybody may. Beyond it a token is needed: when the address is bound beyond
//! loopback, and also when a request names another host or was forwarded, as behind a tunnel or a
//! reverse proxy that was meant for webhooks only. Browsers send it as the password of HTTP basic authentication,
//! machines as a bearer token.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use subtle::ConstantTimeEq;

use super::{App, problem};
use crate::config::{TOKEN_ENV, Token};

/// Who may look.
#[derive(Clone, Debug)]
pub struct Access {
    is_loopback: bool,
    token: Option<Token>,
}

impl Access {
    /// For an address like this, and this token if there is one.
    pub(super) fn new(is_loopback: bool, token: Option<Token>) -> Self {
        Access { is_loopback, token }
    }

    /// Whether a request with these headers may look.
    fn admits(&self, headers: &HeaderMap) -> bool {
        let is_local = self.is_loopback && names_this_machine(headers) && !was_forwarded(headers);
        is_local || self.token.as_ref().is_some_and(|token| carries(headers, token))
    }
}

/// Lets a request through, or answers 401.
pub(super) async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if app.access.admits(request.headers()) {
        return next.run(request).await;
    }
    let remedy = match app.access.token {
        Some(_) => {
            "send the token as `Authorization: Bearer TOKEN`, or as the password in a browser"
                .to_owned()
        }
        None => format!(
            "set {TOKEN_ENV} or access.token_file; without a token the page opens only at a \
             loopback address such as http://127.0.0.1"
        ),
    };
    let mut answer =
        problem(StatusCode::UNAUTHORIZED, "a token is needed beyond this machine", &remedy);
    let realm = HeaderValue::from_static("Basic realm=\"headroom\", charset=\"UTF-8\"");
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, realm);
    answer
}

fn names_this_machine(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let Some(host) = hosts.next() else { return true };
    if hosts.next().is_some() {
        return false;
    }
    let Ok(host) = host.to_str() else { return false };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    let is_loopback = name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    is_loopback || name.eq_ignore_ascii_case("localhost")
}

/// Proxies and tunnels say for whom they ask, also where they put the upstream's name into `Host`.
fn was_forwarded(headers: &HeaderMap) -> bool {
    ["forwarded", "x-forwarded-for", "x-real-ip"].iter().any(|name| headers.contains_key(*name))
}

fn carries(headers: &HeaderMap, token: &Token) -> bool {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some((scheme, credentials)) = sent.and_then(|sent| sent.split_once(' ')) else {
        return false;
    };
    let given = if scheme.eq_ignore_ascii_case("bearer") {
        credentials.trim().as_bytes().to_vec()
    } else if scheme.eq_ignore_ascii_case("basic") {
        password(credentials).unwrap_or_default()
    } else {
        return false;
    };
    given.ct_eq(token.0.as_bytes()).into()
}

fn password(credentials: &str) -> Option<Vec<u8>> {
    let decoded = BASE64_STANDARD.decode(credentials.trim()).ok()?;
    let colon = decoded.iter().position(|b| *b == b':')?;
    Some(decoded[colon + 1..].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef";

    fn check(is_loopback: bool, host: &str, authorization: Option<&str>, expected: bool) {
        let access = Access::new(is_loopback, Some(Token(TOKEN.into())));
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
        if let Some(value) = authorization {
            headers.insert(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        assert_eq!(access.admits(&headers), expected, "{is_loopback} {host} {authorization:?}");
    }

    #[test]
    fn on_this_machine_everybody_may_look() {
        for host in ["127.0.0.1:9797", "localhost", "LOCALHOST:1", "[::1]:9797", "127.8.8.8"] {
            check(true, host, None, true);
            check(false, host, None, false);
        }
    }

    #[test]
    fn a_request_for_another_host_needs_the_token_even_on_loopback() {
        for host in ["hooks.example.com", "127.0.0.1.example.com", "localhost.example.com:80"] {
            check(true, host, None, false);
        }
    }

    #[test]
    fn a_forwarded_request_needs_the_token_whatever_host_it_names() {
        for name in ["forwarded", "x-forwarded-for", "x-real-ip"] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:9797"));
            headers.insert(name, HeaderValue::from_static("203.0.113.9"));
            assert!(!Access::new(true, None).admits(&headers), "{name}");
        }
    }

    #[test]
    fn two_host_headers_name_nobody() {
        let mut headers = HeaderMap::new();
        for host in ["localhost", "hooks.example.com"] {
            headers.append(header::HOST, HeaderValue::from_static(host));
        }
        assert!(!Access::new(true, None).admits(&headers));
    }

    #[test]
    fn the_token_opens_as_bearer_and_as_password() {
        let basic = |text: &str| format!("Basic {}", BASE64_STANDARD.encode(text));
        check(false, "h", Some("Bearer 0123456789abcdef"), true);
        check(false, "h", Some(&basic("anyone:0123456789abcdef")), true);
        for wrong in ["Bearer 0123456789abcdeg", "Bearer ", "Digest x", "0123456789abcdef"] {
            check(false, "h", Some(wrong), false);
        }
        check(false, "h", Some(&basic("0123456789abcdef")), false);
    }
}
