//! One HTTP request to a program in the same sandbox.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// The extension answers from memory or asks its service, which takes some tens of milliseconds;
/// GitHub gives up after 10 s, and two secrets may have to be asked for.
const TIME_MAX: Duration = Duration::from_secs(2);

/// A secret has at most 64 KiB and may be escaped in its answer.
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html>
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Nobody listens there.
    #[error("nobody listens at {address}")]
    Unreachable {
        /// Where.
        address: String,
        /// Why.
        source: std::io::Error,
    },
    /// It did not answer in time.
    #[error("there was no answer within {} s", TIME_MAX.as_secs())]
    TooSlow,
    /// What came back is not HTTP, or too long.
    #[error("the answer cannot be read")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Sends a request to `address` (host and port) and reads the answer to its end.
///
/// # Errors
/// See [`CallError`].
pub async fn call(
    address: &str,
    request: Request<Full<Bytes>>,
) -> Result<(StatusCode, Bytes), CallError> {
    tokio::time::timeout(TIME_MAX, converse(address, request))
        .await
        .unwrap_or(Err(CallError::TooSlow))
}

async fn converse(
    address: &str,
    request: Request<Full<Bytes>>,
) -> Result<(StatusCode, Bytes), CallError> {
    let unreachable = |source| CallError::Unreachable { address: address.to_owned(), source };
    let stream = TcpStream::connect(address).await.map_err(unreachable)?;
    let broken = |error: hyper::Error| CallError::Broken(error.into());
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let asking = async {
        let answer = sender.send_request(request).await.map_err(broken)?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
        Ok((status, body.map_err(CallError::Broken)?.to_bytes()))
    };
    tokio::pin!(asking);
    tokio::select! {
        answer = &mut asking => answer,
        // The connection may end with the answer's last byte, before the answer is looked at.
        _ = connection => asking.await,
    }
}
