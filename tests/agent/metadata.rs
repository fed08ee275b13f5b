//! The instance metadata service, version 2: a token first, then one item a question.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

const TOKEN: &str = "a-token-of-metadata";

/// The service; what it holds can be changed while it is asked.
#[derive(Clone)]
pub(super) struct Metadata {
    pub(super) address: SocketAddr,
    held: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Metadata {
    /// Of an instance that its group wants to be in this state.
    pub(super) fn start(state: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let metadata = Metadata { address, held: Arc::default() };
        metadata.holds("instance-id", super::instance::ID);
        metadata.holds("placement/region", "eu-west-1");
        metadata.holds("autoscaling/target-lifecycle-state", state);
        let serving = metadata.clone();
        thread::spawn(move || listener.incoming().flatten().for_each(|s| serving.answer(s)));
        metadata
    }

    /// Holds an item, or another value of it; the empty one is no item.
    pub(super) fn holds(&self, item: &str, value: &str) {
        self.held.lock().unwrap().insert(item.to_owned(), value.to_owned());
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
        let (status, body) = self.decide(&lines);
        let len = body.len();
        let head =
            format!("HTTP/1.1 {status}\r\nContent-Length: {len}\r\nConnection: close\r\n\r\n");
        // Whoever asked may have lost patience.
        let _ = reader.get_mut().write_all(format!("{head}{body}").as_bytes());
    }

    fn decide(&self, lines: &[String]) -> (&'static str, String) {
        let says = |header: &str| lines.iter().any(|line| line.eq_ignore_ascii_case(header));
        let Some(request) = lines.first() else { return ("400 Bad Request", String::new()) };
        if request.starts_with("PUT /latest/api/token ") {
            return match says("X-aws-ec2-metadata-token-ttl-seconds: 60") {
                true => ("200 OK", TOKEN.to_owned()),
                false => ("400 Bad Request", String::new()),
            };
        }
        if !says(&format!("X-aws-ec2-metadata-token: {TOKEN}")) {
            return ("401 Unauthorized", String::new());
        }
        let path = request.split(' ').nth(1).unwrap_or_default();
        let item = path.strip_prefix("/latest/meta-data/").unwrap_or_default();
        match self.held.lock().unwrap().get(item).filter(|value| !value.is_empty()) {
            Some(value) => ("200 OK", value.clone()),
            None => ("404 Not Found", String::new()),
        }
    }
}
