//! An HTTP/1.1 client that says exactly what it is told to, right or wrong.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use serde_json::Value;

use super::PATIENCE;

/// A request; what is not said is not sent, except `Host` and `Content-Length`.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(method: &str, path: &str) -> Self {
        let (method, path) = (method.to_owned(), path.to_owned());
        Request { method, path, headers: Vec::new(), body: Vec::new() }
    }

    pub(crate) fn get(path: &str) -> Self {
        Request::new("GET", path)
    }

    pub(crate) fn post(path: &str) -> Self {
        Request::new("POST", path)
    }

    /// One more header.
    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Without that header.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The same with another method.
    pub(crate) fn method(mut self, method: &str) -> Self {
        method.clone_into(&mut self.method);
        self
    }

    fn says(&self, name: &str) -> bool {
        self.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// The head as bytes, to the empty line.
    pub(crate) fn head(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        if !self.says("host") {
            head.push_str("host: localhost\r\n");
        }
        let has_length = self.says("content-length") || self.says("transfer-encoding");
        if !has_length && (self.method == "POST" || !self.body.is_empty()) {
            head.push_str(&format!("content-length: {}\r\n", self.body.len()));
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    /// Head and body.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.head();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The first header of that name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        header.map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let told = |error| panic!("{error}: {} {}", self.status, self.text());
        serde_json::from_slice(&self.body).unwrap_or_else(told)
    }

    /// Status and outcome, as in `202 accepted`; of a refusal the status alone.
    pub(crate) fn outcome(&self) -> String {
        let outcome = serde_json::from_slice::<Value>(&self.body).ok();
        match outcome.as_ref().and_then(|body| body["outcome"].as_str()) {
            Some(outcome) => format!("{} {outcome}", self.status),
            None => self.status.to_string(),
        }
    }
}

/// A connection that stays open.
pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Connection(BufReader::new(stream)))
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.get_mut().write_all(bytes)
    }

    /// Nothing more will be sent.
    pub(crate) fn end_writing(&mut self) {
        // A server that has gone away already has nothing more to hear.
        let _ = self.0.get_mut().shutdown(Shutdown::Write);
    }

    pub(crate) fn send(&mut self, request: &Request) -> io::Result<Answer> {
        // A server may answer and close before it has read everything.
        let written = self.write(&request.bytes());
        let answer = if request.method == "HEAD" { self.read_head() } else { self.read() };
        answer.or_else(|error| written.and(Err(error)))
    }

    /// The next answer.
    pub(crate) fn read(&mut self) -> io::Result<Answer> {
        let mut answer = self.read_head()?;
        if let Some(len) = answer.header("content-length") {
            answer.body = vec![0; len.parse().map_err(io::Error::other)?];
            self.0.read_exact(&mut answer.body)?;
        }
        Ok(answer)
    }

    /// The next answer to its empty line.
    fn read_head(&mut self) -> io::Result<Answer> {
        let start = self.line()?;
        let status = start.split(' ').nth(1).and_then(|word| word.parse().ok());
        let status = status.ok_or_else(|| io::Error::other(format!("no answer: {start:?}")))?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        Ok(Answer { status, headers, body: Vec::new() })
    }

    /// Everything until the server closes.
    pub(crate) fn read_to_end(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.0.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The next line without its end.
    pub(crate) fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.0.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}

/// One request on a connection of its own.
#[track_caller]
pub(crate) fn send(address: SocketAddr, request: &Request) -> Answer {
    let answer = Connection::open(address).and_then(|mut connection| connection.send(request));
    answer.unwrap_or_else(|error| panic!("{} {}: {error}", request.method, request.path))
}
