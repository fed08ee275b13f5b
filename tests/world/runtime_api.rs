//! The Lambda Runtime API as AWS documents it, on loopback, for one sandbox.
//!
//! It hands out one event at a time and holds the function to the order of things: nothing is asked
//! for while an event is open, an answer names the event that is open, and no other path is used.
//! Written with nothing but the standard library, so that measurements can use it too.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Longer than any invocation here takes on a busy machine; what takes longer has failed.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long an invocation may take, as the function is told.
const DEADLINE: Duration = Duration::from_secs(10);

const PREFIX: &str = "/2018-06-01/runtime";

/// What became of an invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The function's answer.
    Response(String),
    /// The function says that the invocation failed.
    Error(String),
}

/// The side of the tests.
#[derive(Clone)]
pub(crate) struct RuntimeApi {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    news: Condvar,
}

#[derive(Default)]
struct State {
    invocations: u64,
    /// Not yet handed out.
    event: Option<Vec<u8>>,
    /// Handed out and not yet answered.
    open: Option<String>,
    outcome: Option<Outcome>,
    init_error: Option<String>,
    is_closed: bool,
    violations: Vec<String>,
}

struct Call {
    method: String,
    path: String,
    body: Vec<u8>,
}

impl RuntimeApi {
    /// Listens on any free port.
    pub(crate) fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let api = RuntimeApi { address: listener.local_addr()?, shared: Arc::default() };
        let shared = Arc::clone(&api.shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (Ok(stream), shared) = (stream, Arc::clone(&shared)) else { continue };
                thread::spawn(move || shared.converse(stream));
            }
        });
        Ok(api)
    }

    /// The variables that Lambda sets for the function.
    pub(crate) fn variables(&self) -> [(&'static str, String); 4] {
        [
            ("AWS_LAMBDA_RUNTIME_API", self.address.to_string()),
            ("AWS_LAMBDA_FUNCTION_NAME", "headroom-ingest".to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128".to_owned()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ]
    }

    /// Hands out an event and waits for what becomes of it.
    pub(crate) fn invoke(&self, event: Vec<u8>) -> Result<Outcome, String> {
        let mut state = self.shared.lock();
        (state.event, state.outcome) = (Some(event), None);
        self.shared.news.notify_all();
        let state = self.shared.wait_while(state, |state| state.outcome.is_none());
        if !state.violations.is_empty() {
            return Err(state.violations.join("; "));
        }
        state.outcome.clone().ok_or_else(|| "the function does not answer".to_owned())
    }

    /// Waits until the function says that it cannot start.
    pub(crate) fn init_error(&self) -> Option<String> {
        let state = self.shared.lock();
        self.shared.wait_while(state, |state| state.init_error.is_none()).init_error.clone()
    }

    /// Answers nothing any more, as when the sandbox ends.
    pub(crate) fn close(&self) {
        self.shared.lock().is_closed = true;
        self.shared.news.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn wait_while<'a>(
        &self,
        state: MutexGuard<'a, State>,
        condition: impl Fn(&State) -> bool,
    ) -> MutexGuard<'a, State> {
        let goes_on = |state: &mut State| condition(state) && state.violations.is_empty();
        match self.news.wait_timeout_while(state, PATIENCE, goes_on) {
            Ok((state, _)) => state,
            Err(poisoned) => poisoned.into_inner().0,
        }
    }

    fn converse(&self, stream: TcpStream) {
        let _ = stream.set_nodelay(true);
        let mut reader = BufReader::with_capacity(64 * 1024, stream);
        while let Ok(Some(call)) = read(&mut reader) {
            let Some(answer) = self.answer(&call) else { return };
            if reader.get_mut().write_all(&answer).is_err() {
                return;
            }
        }
    }

    /// `None` hangs up.
    fn answer(&self, call: &Call) -> Option<Vec<u8>> {
        let path = call.path.strip_prefix(PREFIX).unwrap_or_default();
        let words: Vec<&str> = path.split('/').skip(1).collect();
        match (call.method.as_str(), words.as_slice()) {
            ("GET", ["invocation", "next"]) => self.next(),
            ("POST", ["invocation", id, kind @ ("response" | "error")]) => {
                Some(self.close_invocation(id, kind, text(&call.body)))
            }
            ("POST", ["init", "error"]) => {
                self.lock().init_error = Some(text(&call.body));
                self.news.notify_all();
                Some(accepted())
            }
            _ => Some(self.object(format!("{} {}", call.method, call.path))),
        }
    }

    fn next(&self) -> Option<Vec<u8>> {
        let mut state = self.lock();
        if let Some(open) = &state.open {
            let told = format!("the next event is asked for while {open} is open");
            drop(state);
            return Some(self.object(told));
        }
        // A sandbox may be frozen between two events for as long as it likes.
        while state.event.is_none() && !state.is_closed {
            state = self.news.wait(state).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
        let event = state.event.take()?;
        state.invocations += 1;
        let id = format!("8476a536-e9f4-11e8-9739-{:012}", state.invocations);
        state.open = Some(id.clone());
        drop(state);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let headers = format!(
            "Lambda-Runtime-Aws-Request-Id: {id}\r\n\
             Lambda-Runtime-Deadline-Ms: {}\r\n\
             Lambda-Runtime-Invoked-Function-Arn: \
             arn:aws:lambda:us-east-1:123456789012:function:headroom-ingest\r\n\
             Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0\r\n",
            (now + DEADLINE).as_millis(),
        );
        Some(http("200 OK", &headers, &event))
    }

    fn close_invocation(&self, id: &str, kind: &str, body: String) -> Vec<u8> {
        let mut state = self.lock();
        if state.open.as_deref() != Some(id) {
            let told = format!("{kind} to {id} while {:?} is open", state.open);
            drop(state);
            return self.object(told);
        }
        state.open = None;
        state.outcome = Some(match kind {
            "response" => Outcome::Response(body),
            _ => Outcome::Error(body),
        });
        self.news.notify_all();
        accepted()
    }

    fn object(&self, told: String) -> Vec<u8> {
        self.lock().violations.push(told);
        self.news.notify_all();
        http(
            "400 Bad Request",
            "",
            br#"{"errorMessage":"not now","errorType":"InvalidStateTransition"}"#,
        )
    }
}

fn accepted() -> Vec<u8> {
    http("202 Accepted", "", br#"{"status":"OK"}"#)
}

fn http(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    answer.extend_from_slice(body);
    answer
}

fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).into_owned()
}

/// The next request; `None` when there is none.
fn read(reader: &mut BufReader<TcpStream>) -> io::Result<Option<Call>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut len = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            len = value.trim().parse().map_err(io::Error::other)?;
        }
    }
    let mut body = vec![0; len];
    reader.read_exact(&mut body)?;
    Ok(Some(Call { method, path, body }))
}
