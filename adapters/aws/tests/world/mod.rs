//! An AWS that answers as a test says. Pauses between tries take no time.

mod cbor;
#[path = "../../../../tests/cloud/process.rs"]
pub mod cloudwatch;
#[expect(dead_code, reason = "others ask for more of it")]
#[path = "../../../../tests/cloud/moto.rs"]
pub mod moto;

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};

use aws::Aws;
use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::SharedAsyncSleep;
use aws_smithy_async::test_util::instant_time_and_sleep as standing_clock;
use aws_smithy_http_client::test_util::infallible_client_fn;
use aws_smithy_types::body::SdkBody;
use http::{Request, Response};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use moto::{Moto, REGION};

/// Tries of one call.
pub const TRIES: u32 = 3;

/// A call as AWS received it.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Such as `FilterLogEvents`.
    pub name: String,
    /// What was asked.
    pub body: Value,
}

/// An answer: its HTTP status, and its body.
#[derive(Clone, Debug)]
pub struct Answer {
    status: u16,
    body: Value,
}

/// It is done.
pub fn done(body: Value) -> Answer {
    Answer { status: 200, body }
}

/// It is refused, with a code and a reason.
pub fn refused(code: &str, said: &str) -> Answer {
    Answer { status: 400, body: json!({ "__type": code, "message": said }) }
}

/// AWS, and what it was asked.
pub struct World {
    pub aws: Aws,
    calls: Arc<Mutex<Vec<Call>>>,
    _runtime: Runtime,
}

impl World {
    /// One that answers in turn; asked for more than that, it fails the test.
    pub fn answers(answers: impl IntoIterator<Item = Answer>) -> World {
        let answers = Mutex::new(answers.into_iter().collect::<VecDeque<_>>());
        World::of(move |call| {
            let next = answers.lock().unwrap().pop_front();
            next.unwrap_or_else(|| panic!("nobody expected {call:?}"))
        })
    }

    /// One that answers each call by its name and content.
    pub fn of(answer: impl Fn(&Call) -> Answer + Send + Sync + 'static) -> World {
        World::on(move |_, call, protocol| response(&answer(call), protocol))
    }

    /// An emulator, behind a door that throttles the first calls of that name.
    pub fn before(emulator: &Moto, throttled: &'static str, times: usize) -> World {
        let (address, left) = (emulator.address(), Mutex::new(times));
        World::on(move |request, call, protocol| {
            let mut left = left.lock().unwrap();
            if *left > 0 && call.name == throttled {
                *left -= 1;
                return response(&refused("Throttling", "Rate exceeded"), protocol);
            }
            forwarded(address, request)
        })
    }

    /// What stands at that address.
    pub fn at(address: SocketAddr) -> World {
        World::on(move |request, _, _| forwarded(address, request))
    }

    fn on(
        answer: impl Fn(&Request<SdkBody>, &Call, Protocol) -> Response<SdkBody> + Send + Sync + 'static,
    ) -> World {
        let calls: Arc<Mutex<Vec<Call>>> = Arc::default();
        let heard = Arc::clone(&calls);
        let client = infallible_client_fn(move |request| {
            let (call, protocol) = call(&request);
            heard.lock().unwrap().push(call.clone());
            answer(&request, &call, protocol)
        });
        let (time, sleep) = standing_clock(std::time::UNIX_EPOCH);
        let keys = Credentials::new("key", "secret", None, None, "tests");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .retry_config(RetryConfig::standard().with_max_attempts(TRIES))
            .time_source(time)
            .sleep_impl(SharedAsyncSleep::new(sleep))
            .http_client(client)
            .build();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build();
        let runtime = runtime.unwrap();
        World { aws: Aws::with(config, runtime.handle()).unwrap(), calls, _runtime: runtime }
    }

    /// What was asked so far.
    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }
}

/// How a service is spoken to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Protocol {
    Cbor,
    Json,
    Form,
}

/// CloudWatch speaks CBOR and is asked by a path, Auto Scaling takes forms and gives XML, the others
/// speak JSON and are asked by a header.
fn call(request: &Request<SdkBody>) -> (Call, Protocol) {
    let bytes = request.body().bytes().unwrap_or_default();
    let header = |name| request.headers().get(name).map(|value| value.to_str().unwrap());
    if let Some(target) = header("x-amz-target") {
        let name = target.rsplit('.').next().unwrap().to_owned();
        return (Call { name, body: serde_json::from_slice(bytes).unwrap() }, Protocol::Json);
    }
    if header("content-type") == Some("application/x-www-form-urlencoded") {
        let form: serde_json::Map<String, Value> = form_urlencoded::parse(bytes)
            .map(|(key, value)| (key.into_owned(), Value::from(value.into_owned())))
            .collect();
        let name = form["Action"].as_str().unwrap().to_owned();
        return (Call { name, body: Value::Object(form) }, Protocol::Form);
    }
    let name = request.uri().path().rsplit('/').next().unwrap().to_owned();
    (Call { name, body: cbor::read(bytes) }, Protocol::Cbor)
}

fn response(answer: &Answer, protocol: Protocol) -> Response<SdkBody> {
    let response = Response::builder().status(answer.status);
    match protocol {
        Protocol::Cbor => response
            .header("content-type", "application/cbor")
            .header("smithy-protocol", "rpc-v2-cbor")
            .body(cbor::written(&answer.body).into()),
        Protocol::Json => response
            .header("content-type", "application/x-amz-json-1.1")
            .body(answer.body.to_string().into()),
        Protocol::Form => response.header("content-type", "text/xml").body(xml(answer).into()),
    }
    .unwrap()
}

/// XML is told as text; refusals are those of every protocol.
fn xml(answer: &Answer) -> String {
    match (&answer.body["__type"], &answer.body["message"]) {
        (Value::String(code), Value::String(said)) => format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>\
             <Message>{said}</Message></Error></ErrorResponse>"
        ),
        _ => answer.body.as_str().unwrap().to_owned(),
    }
}

/// What that server answers to a request.
fn forwarded(to: SocketAddr, request: &Request<SdkBody>) -> Response<SdkBody> {
    let body = request.body().bytes().unwrap_or_default();
    let path = request.uri().path();
    let mut head = format!("POST {path} HTTP/1.1\r\nhost: {to}\r\nconnection: close\r\n");
    for (name, value) in request.headers() {
        if !["host", "connection", "content-length"].contains(&name.as_str()) {
            head += &format!("{name}: {}\r\n", value.to_str().unwrap());
        }
    }
    head += &format!("content-length: {}\r\n\r\n", body.len());
    let mut stream = TcpStream::connect(to).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    let body = answer.split_off(end + 4);
    let head = String::from_utf8(answer).unwrap();
    let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut response = Response::builder().status(status);
    for (name, value) in head.lines().filter_map(|line| line.split_once(": ")) {
        if ["content-type", "smithy-protocol"].contains(&name.to_ascii_lowercase().as_str()) {
            response = response.header(name, value);
        }
    }
    response.body(SdkBody::from(body)).unwrap()
}
