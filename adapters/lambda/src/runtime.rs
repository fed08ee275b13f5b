//! The loop over the Lambda Runtime API.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::sync::Arc;

use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use hyper::header::HOST;
use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use model::Timestamp;
use tokio::sync::Mutex;

use crate::event::Event;
use crate::loopback::call;
use crate::webhook::Webhook;

/// What Lambda sets for every function and the runtime does not start without.
pub const RUNTIME_VARIABLES: [&str; 4] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
];

/// Answers one event after the other until Lambda ends the sandbox. An event that is no JSON, and a
/// fault of ours, are reported as the error of that invocation, and the next one is awaited.
///
/// # Errors
/// When the Runtime API does not answer any more.
pub async fn run(webhook: Webhook, now: fn() -> Timestamp) -> Result<(), Error> {
    // Lambda hands out one event at a time, so nobody ever waits for this.
    let webhook = Arc::new(Mutex::new(webhook));
    let answer = move |event: LambdaEvent<Event>| {
        let webhook = Arc::clone(&webhook);
        async move { Ok::<_, Error>(webhook.lock().await.answer(event.payload, now()).await) }
    };
    Runtime::new(service_fn(answer)).run().await
}

/// Tells the Runtime API at `address` that the function cannot start.
///
/// # Errors
/// When it does not answer.
pub async fn report_init_error(address: &str, error: &dyn std::fmt::Display) -> Result<(), Error> {
    const KIND: &str = "Headroom.Configuration";
    let body = serde_json::json!({
        "errorMessage": error.to_string(), "errorType": KIND, "stackTrace": [],
    });
    let request = Request::post("/2018-06-01/runtime/init/error")
        .header(HOST, address)
        .header("content-type", "application/json")
        .header("lambda-runtime-function-error-type", KIND)
        .body(Full::new(Bytes::from(body.to_string())))?;
    let (status, _) = call(address, request).await?;
    status.is_success().then_some(()).ok_or_else(|| format!("the Runtime API says {status}").into())
}
