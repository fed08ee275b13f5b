//! A `serve` that is measured.

use std::collections::BTreeSet;
use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::SECRET;
use super::wait::until;

/// Each question is put so often; the median counts.
const TIMES: usize = 9;

/// What people and machines ask for.
const PATHS: [&str; 5] = ["/", "/?range=7d", "/api/pools", "/metrics", "/readyz"];

/// A running server; it ends when this is dropped.
pub(crate) struct Server {
    process: Child,
    begun_at: Instant,
    pub(crate) address: SocketAddr,
    /// From its start to its first answer.
    pub(crate) started_in: Duration,
}

/// How long an answer took, and its bytes.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) path: &'static str,
    pub(crate) took: Duration,
    pub(crate) bytes: usize,
}

impl Server {
    /// Starts it on a store.
    pub(crate) fn start(headroom: &Path, store: &Path) -> Result<Self, Box<dyn Error>> {
        let begun_at = Instant::now();
        let mut process = Command::new(headroom)
            .args(["serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--store"])
            .arg(store)
            .env("HEADROOM_WEBHOOK_SECRET", SECRET)
            .env("HEADROOM_LOG", "info")
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()?;
        let log = process.stderr.take().ok_or("the server has no log")?;
        let mut lines = BufReader::new(log).lines();
        let address = loop {
            let line = lines.next().ok_or("the server ended at once")??;
            let line: Value = serde_json::from_str(&line)?;
            if let Some(url) = line["url"].as_str() {
                break url.trim_start_matches("http://").trim_end_matches('/').parse()?;
            }
        };
        // Its log is read on, so that it never waits for a reader.
        thread::spawn(move || lines.for_each(drop));
        let mut server = Server { process, begun_at, address, started_in: Duration::ZERO };
        server.ask("/readyz")?;
        server.started_in = begun_at.elapsed();
        Ok(server)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// From its start until the scaler, which learns from all of the history first, has decided
    /// about so many pools of a store in which no decision was.
    pub(crate) fn decided_in(&self, pools: u64) -> Result<Duration, Box<dyn Error>> {
        until("the scaler decides about all pools", || match self.pools_decided() {
            Ok(decided) if decided < pools => None,
            Ok(_) => Some(Ok(self.begun_at.elapsed())),
            Err(error) => Some(Err(error)),
        })
    }

    fn pools_decided(&self) -> Result<u64, Box<dyn Error>> {
        let answer: Value = serde_json::from_slice(&self.get("/api/decisions")?)?;
        let decisions = answer["decisions"].as_array().ok_or("there are no decisions")?;
        let decided: BTreeSet<&str> =
            decisions.iter().filter_map(|decision| decision["pool"].as_str()).collect();
        Ok(decided.len() as u64)
    }

    /// How long it takes to answer what people and machines ask for.
    pub(crate) fn answers(&self) -> Result<Vec<Answer>, Box<dyn Error>> {
        PATHS
            .into_iter()
            .map(|path| {
                let (took, bytes) = self.median(path)?;
                Ok(Answer { path, took, bytes })
            })
            .collect()
    }

    /// How long an answer takes, the median of several, and its bytes.
    pub(crate) fn median(&self, path: &str) -> Result<(Duration, usize), Box<dyn Error>> {
        let mut answers = Vec::new();
        for _ in 0..TIMES {
            answers.push(self.ask(path)?);
        }
        answers.sort_by_key(|(took, _)| *took);
        Ok(answers[TIMES / 2])
    }

    /// How long one answer takes, and its bytes.
    pub(crate) fn ask(&self, path: &str) -> Result<(Duration, usize), Box<dyn Error>> {
        let begun_at = Instant::now();
        let body = self.get(path)?;
        Ok((begun_at.elapsed(), body.len()))
    }

    /// The body of an answer.
    fn get(&self, path: &str) -> Result<Vec<u8>, Box<dyn Error>> {
        let mut stream = TcpStream::connect(self.address)?;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.address
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
        match end.filter(|_| answer.starts_with(b"HTTP/1.1 200")) {
            Some(end) => Ok(answer.split_off(end + 4)),
            None => Err(format!("{path}: {}", String::from_utf8_lossy(&answer)).into()),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // What was acknowledged is durable, so it need not be asked politely.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
