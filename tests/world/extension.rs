//! The AWS Parameters and Secrets extension, on loopback: what it holds can be changed, and it can
//! be made to fail.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::json;

/// What a sandbox proves itself with.
pub(crate) const SESSION_TOKEN: &str = "a-session-token";

/// The extension.
#[derive(Clone)]
pub(crate) struct Extension {
    pub(crate) port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// By the path and query that ask for it.
    held: Vec<(String, String)>,
    /// How many of the next questions fail.
    failing: usize,
    /// The questions so far.
    asked: Vec<String>,
}

impl Extension {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("localhost:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let extension = Extension { port, state: Arc::default() };
        let serving = extension.clone();
        thread::spawn(move || listener.incoming().flatten().for_each(|s| serving.answer(s)));
        extension
    }

    /// Holds a parameter of that name, or another value of it.
    pub(crate) fn parameter(&self, name: &str, secret: &str) {
        let name = name.replace('/', "%2F");
        let path = format!("/systemsmanager/parameters/get?name={name}&withDecryption=true");
        let answer = json!({"Parameter": {"Name": name, "Type": "SecureString", "Value": secret,
                                          "Version": 1}, "ResultMetadata": {}});
        self.hold(path, answer.to_string());
    }

    /// Holds a secret of that name, or another value of it.
    pub(crate) fn secret(&self, id: &str, secret: &str) {
        let answer = json!({"Name": id, "SecretString": secret, "VersionStages": ["AWSCURRENT"]});
        self.hold(format!("/secretsmanager/get?secretId={id}"), answer.to_string());
    }

    /// Fails the next questions.
    pub(crate) fn fails(&self, times: usize) {
        self.state.lock().unwrap().failing = times;
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.state.lock().unwrap().asked.len()
    }

    fn hold(&self, path: String, answer: String) {
        let held = &mut self.state.lock().unwrap().held;
        held.retain(|(known, _)| *known != path);
        held.push((path, answer));
    }

    fn answer(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).is_err() || line.trim_end().is_empty() {
                break;
            }
            lines.push(line.trim_end().to_owned());
        }
        let path = lines.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
        let proof = format!("x-aws-parameters-secrets-token: {SESSION_TOKEN}");
        let is_proved = lines.iter().any(|line| line.eq_ignore_ascii_case(&proof));
        let (status, body) = self.decide(path, is_proved);
        let len = body.len();
        let _ =
            write!(reader.get_mut(), "HTTP/1.1 {status}\r\nContent-Length: {len}\r\n\r\n{body}");
    }

    fn decide(&self, path: &str, is_proved: bool) -> (&'static str, String) {
        let mut state = self.state.lock().unwrap();
        state.asked.push(path.to_owned());
        if !is_proved {
            return ("401 Unauthorized", "unauthorized".into());
        }
        if state.failing > 0 {
            state.failing -= 1;
            return ("400 Bad Request", "not ready to serve traffic, please wait".into());
        }
        let held = state.held.iter().find(|(known, _)| known == path);
        held.map_or(("400 Bad Request", "ParameterNotFound".into()), |(_, a)| ("200 OK", a.clone()))
    }
}
