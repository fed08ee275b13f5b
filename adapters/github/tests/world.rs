//! A GitHub that says what it is told to say.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use client::{Address, Client, Limits, Roots};
use github::{AppKey, Credentials, GitHub, Owner, Token};
use model::Timestamp;
use serde_json::Value;

pub const NOW: Timestamp = Timestamp::from_secs(1_790_000_000);
pub const APP: &str = "Iv23liHeadroom";
pub const KEY: &[u8] = include_bytes!("../../../tests/fixtures/github/app-key.pem");

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Method, path and query.
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: Value,
}

impl Asked {
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.as_str())
    }
}

/// An answer: the status, lines of the head, the body.
type Answer = (u16, String, String);

#[derive(Default)]
struct State {
    answers: VecDeque<Answer>,
    asked: Vec<Asked>,
}

/// The side of the tests.
pub struct World {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl World {
    pub fn start() -> World {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let state: Arc<Mutex<State>> = Arc::default();
        let serving = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                converse(stream, &serving);
            }
        });
        World { address, state }
    }

    /// The next request that has no answer yet is answered so.
    pub fn answers(&self, status: u16, head: &str, body: &Value) -> &World {
        let answer = (status, head.to_owned(), body.to_string());
        self.state.lock().unwrap().answers.push_back(answer);
        self
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.state.lock().unwrap().asked.clone()
    }

    /// The lines of what was asked so far.
    pub fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }

    /// Asks with a token, of an organisation.
    pub fn by_token(&self) -> GitHub {
        self.by(Credentials::Token(Token("ghp_secret".into())), organization())
    }

    /// Asks as an App.
    pub fn by_app(&self, installation: Option<u64>) -> GitHub {
        let key = AppKey::new(APP, KEY).unwrap();
        self.by(Credentials::App { key, installation }, organization())
    }

    pub fn by(&self, who: Credentials, owner: Owner) -> GitHub {
        at(self.address, who, owner)
    }
}

/// Asks what listens there.
pub fn at(address: SocketAddr, who: Credentials, owner: Owner) -> GitHub {
    let client = Client::new(Limits::default(), &Roots::default());
    let base = Address::parse(&format!("http://{address}/api/v3")).unwrap();
    GitHub::new(client, base, who, owner)
}

pub fn organization() -> Owner {
    Owner::Organization("acme".into())
}

/// One request a connection.
fn converse(mut stream: TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut lines =
        reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let Some(first) = lines.next() else { return };
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_owned(), value.trim().to_owned()))
        })
        .collect();
    let len = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let len = len.map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; len];
    reader.read_exact(&mut body).unwrap();
    let line = first.trim_end_matches(" HTTP/1.1").to_owned();
    let body = serde_json::from_slice(&body).unwrap_or_default();
    let mut state = state.lock().unwrap();
    state.asked.push(Asked { line, headers, body });
    let unexpected = || (500, String::new(), "{\"message\":\"nobody expected that\"}".into());
    let (status, head, body) = state.answers.pop_front().unwrap_or_else(unexpected);
    let answer = format!(
        "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n{head}\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).unwrap();
}
