//! HTTP requests to others: notifications, dashboards.
//!
//! A [`Client`] blocks, so it belongs on a thread that may. Each [`Call`] has time limits, and one
//! that is redirected ends there: a signed body, or a token in a header, goes to nobody but the
//! address that the owner named. An [`Address`] never shows its path, which may be a secret, as of
//! Slack's webhooks. `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are honoured.

mod address;
mod roots;

use std::io::Read;
use std::time::Duration;

use ureq::http::{HeaderMap, Request};
use ureq::tls::TlsConfig;

pub use address::{Address, AddressError};
pub use roots::{Roots, RootsError};

/// Bytes of an answer that are read; the rest is left. Nobody here needs more than a few sentences
/// or one dashboard.
pub const ANSWER_BYTES_MAX: u64 = 4 << 20;

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Until there is a connection, TLS included.
    pub connect: Duration,
    /// All together, from the first look-up of a name to the last byte of the answer.
    pub whole: Duration,
}

impl Default for Limits {
    /// Slack asks of receivers to answer within 3 s, GitHub within 10 s; a busy one may need longer.
    fn default() -> Self {
        Limits { connect: Duration::from_secs(5), whole: Duration::from_secs(15) }
    }
}

/// What is done at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Send.
    Post,
    /// Set.
    Put,
    /// Take away.
    Delete,
}

/// One request.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// What is done.
    pub method: Method,
    /// Where.
    pub address: &'a Address,
    /// Names and values, such as `("content-type", "application/json")`.
    pub headers: &'a [(&'a str, &'a str)],
    /// The bytes that are sent; none where there is nothing to send.
    pub body: Option<&'a [u8]>,
}

/// What came back, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status, such as 200.
    pub status: u16,
    /// How long to wait before the next try, where the receiver says so in whole seconds.
    pub retry_after: Option<Duration>,
    /// The body, of [`ANSWER_BYTES_MAX`] at most; what is no UTF-8 is replaced.
    pub text: String,
    headers: HeaderMap,
}

impl Answer {
    /// Whether the receiver took it: 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first header of that name, such as `link`, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// Why there is no answer. It never tells the path of the address.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The name of the host is unknown.
    #[error("the host {host} is unknown")]
    Unknown {
        /// Which.
        host: String,
    },
    /// It took too long.
    #[error("{host} took too long ({step})")]
    Slow {
        /// Who.
        host: String,
        /// At which step.
        step: String,
    },
    /// It cannot prove that it is who it is said to be.
    #[error(
        "{host} shows a certificate that is not trusted: {because} (SSL_CERT_FILE names a file of \
         other authorities)"
    )]
    Untrusted {
        /// Who.
        host: String,
        /// Why.
        because: String,
    },
    /// Nobody listens, the connection was cut, or TLS failed.
    #[error("{host} cannot be reached: {because}")]
    Unreachable {
        /// Who.
        host: String,
        /// Why.
        because: String,
    },
    /// A header holds what no header may hold.
    #[error("a header cannot be sent: {because}")]
    Header {
        /// Why.
        because: String,
    },
}

/// Makes calls. Cheap to clone; connections are kept for the next call.
#[derive(Clone, Debug)]
pub struct Client {
    agent: ureq::Agent,
}

impl Client {
    /// With these limits, trusting these authorities.
    pub fn new(limits: Limits, roots: &Roots) -> Self {
        let tls = TlsConfig::builder().root_certs(roots.certificates()).build();
        let config = ureq::Agent::config_builder()
            .tls_config(tls)
            .timeout_connect(Some(limits.connect))
            .timeout_global(Some(limits.whole))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent(concat!("headroom/", env!("CARGO_PKG_VERSION")))
            .build();
        Client { agent: config.new_agent() }
    }

    /// Makes one call and waits for its answer.
    ///
    /// # Errors
    /// When there is no answer within the limits. A status that refuses is an answer.
    pub fn call(&self, call: Call<'_>) -> Result<Answer, CallError> {
        let Call { method, address, headers, body } = call;
        let mut request = Request::builder().uri(address.uri()).method(match method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        });
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let unsendable =
            |error: ureq::http::Error| CallError::Header { because: error.to_string() };
        // What is sent without a body has the length 0: left out, it would be sent in chunks.
        let nothing = matches!(method, Method::Post | Method::Put).then_some(&[][..]);
        let sent = match body.or(nothing) {
            Some(body) => self.agent.run(request.body(body).map_err(unsendable)?),
            None => self.agent.run(request.body(()).map_err(unsendable)?),
        };
        let failed = |error| failure(address, error);
        let mut answer = sent.map_err(failed)?;
        let retry_after = answer.headers().get("retry-after").and_then(|it| it.to_str().ok());
        let retry_after = retry_after.and_then(|secs| secs.trim().parse().ok());
        let mut bytes = Vec::new();
        let reader = answer.body_mut().as_reader();
        let read = reader.take(ANSWER_BYTES_MAX).read_to_end(&mut bytes);
        read.map_err(|error| failed(ureq::Error::from(error)))?;
        Ok(Answer {
            status: answer.status().as_u16(),
            retry_after: retry_after.map(Duration::from_secs),
            text: String::from_utf8_lossy(&bytes).into_owned(),
            headers: answer.headers().clone(),
        })
    }
}

/// How rustls begins what it says of a certificate; it may come wrapped into an error of reading.
const UNTRUSTED: &str = "invalid peer certificate: ";

/// An error without the path that the library may have put into it.
fn failure(address: &Address, error: ureq::Error) -> CallError {
    let host = address.host().to_owned();
    match error {
        ureq::Error::HostNotFound => CallError::Unknown { host },
        ureq::Error::Timeout(step) => CallError::Slow { host, step: step.to_string() },
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => {
            CallError::Slow { host, step: "the connection".into() }
        }
        ureq::Error::BadUri(_) => {
            CallError::Unreachable { host, because: "its address is not one".into() }
        }
        ureq::Error::Http(error) => CallError::Header { because: error.to_string() },
        error => {
            let because = address.without_path(&error.to_string());
            match because.split_once(UNTRUSTED) {
                Some((_, because)) => CallError::Untrusted { host, because: because.to_owned() },
                None => CallError::Unreachable { host, because },
            }
        }
    }
}
