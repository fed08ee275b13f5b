//! `POST /webhook`: answered only after what it says is durable.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ingest::{Content, Delivery, Rejection};
use local::{Answer, Intake};
use model::Timestamp;
use tokio::time::timeout;

use super::{App, body, problem};

/// Larger bodies are verified where they may block: hashing one takes over half a millisecond.
const INLINE_BYTES_MAX: usize = 1024 * 1024;

/// A store that has not answered by then is stuck, as on a disk that hangs.
/// GitHub gives up after 10 s, and a repeat of what became durable after all changes nothing.
const STORE_TIME_MAX: Duration = Duration::from_secs(8);

/// The answer's body, which need not be written anew each time.
macro_rules! outcome {
    ($word:literal) => {
        concat!("{\"outcome\":\"", $word, "\"}\n")
    };
}

/// Takes one delivery.
pub(super) async fn take(State(app): State<Arc<App>>, request: Request) -> Response {
    let received_at = app.clock.now();
    let (head, body) = request.into_parts();
    match accept(&app, &head.method, &head.headers, body, received_at).await {
        Ok((status, outcome)) => told(status, outcome),
        Err(rejection) => refuse(&app, &rejection, received_at),
    }
}

async fn accept(
    app: &Arc<App>,
    method: &Method,
    headers: &HeaderMap,
    body: Body,
    received_at: Timestamp,
) -> Result<(StatusCode, &'static str), Rejection> {
    if method != Method::POST {
        return Err(Rejection::MethodNotAllowed);
    }
    if app.secrets.is_empty() {
        return Err(Rejection::SecretMissing);
    }
    let whole = body::read(headers, body, &app.bodies).await?;
    let delivery = if whole.bytes.len() > INLINE_BYTES_MAX {
        let (app, headers) = (Arc::clone(app), headers.clone());
        let reading = move || read(&app, &headers, &whole.bytes);
        tokio::task::spawn_blocking(reading).await.map_err(|_| Rejection::Overloaded)??
    } else {
        let delivery = read(app, headers, &whole.bytes)?;
        drop(whole);
        delivery
    };
    app.last_delivery_ms.store(received_at.as_millis(), Ordering::Relaxed);
    match delivery.content {
        Content::Ping => {
            tracing::info!(delivery = %delivery.id, "GitHub says hello: the webhook works");
            app.news.send_modify(|news| *news += 1);
            Ok((StatusCode::OK, outcome!("pong")))
        }
        Content::Ignored => {
            app.meter.observe(app.observer.ignored(received_at));
            Ok((StatusCode::OK, outcome!("ignored")))
        }
        Content::Job(_) | Content::Run(_) => {
            let storing = app.writer.deliver(Intake { delivery, received_at });
            let answer = timeout(STORE_TIME_MAX, storing)
                .await
                .unwrap_or(Err(Rejection::StoreUnavailable))?;
            app.news.send_modify(|news| *news += 1);
            Ok((
                StatusCode::ACCEPTED,
                match answer {
                    Answer::Accepted => outcome!("accepted"),
                    Answer::Duplicate => outcome!("duplicate"),
                },
            ))
        }
    }
}

fn told(status: StatusCode, outcome: &'static str) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], outcome).into_response()
}

fn read(app: &App, headers: &HeaderMap, body: &[u8]) -> Result<Delivery, Rejection> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let request = ingest::Request {
        event: header("x-github-event"),
        delivery: header("x-github-delivery"),
        signature: header("x-hub-signature-256"),
        content_type: header("content-type"),
        body,
    };
    ingest::receive(&request, &app.secrets)
}

fn refuse(app: &App, rejection: &Rejection, at: Timestamp) -> Response {
    app.meter.observe(app.observer.rejected(rejection, at));
    if let Some(left_out) = app.throttle.admit(rejection.reason(), at) {
        let (status, reason) = rejection.answer();
        tracing::warn!(status, reason, left_out, %rejection, "a webhook request is refused");
    }
    let status = StatusCode::from_u16(rejection.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut answer = problem(status, &rejection.to_string(), "");
    if let Some(secs) = rejection.retry_after_secs() {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(secs));
    }
    if *rejection == Rejection::MethodNotAllowed {
        answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    }
    answer
}
