//! Somebody who is to be told: an HTTP server that does what it is told to, and keeps what it got.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::until;

/// What becomes of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Manner {
    /// It is answered with this status.
    Answers(u16),
    /// It is read and never answered.
    Hangs,
}

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Got {
    /// A header, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A server on this machine. It answers 200 when nothing else is asked of it.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    scheme: &'static str,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Receiver {
    /// Treats the first requests like this.
    pub(crate) fn that(manners: impl IntoIterator<Item = Manner>) -> Self {
        Receiver::reached(manners, None)
    }

    /// The same over TLS.
    pub(crate) fn over_tls(identity: Arc<ServerConfig>) -> Self {
        Receiver::reached([], Some(identity))
    }

    fn reached(
        manners: impl IntoIterator<Item = Manner>,
        identity: Option<Arc<ServerConfig>>,
    ) -> Self {
        let scheme = if identity.is_some() { "https" } else { "http" };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let got: Arc<Mutex<Vec<Got>>> = Arc::default();
        let from = Arc::new(Mutex::new(manners.into_iter().collect::<VecDeque<_>>()));
        let to = Arc::clone(&got);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (to, from, identity) = (Arc::clone(&to), Arc::clone(&from), identity.clone());
                thread::spawn(move || match identity {
                    None => serve(stream, &to, &from),
                    Some(identity) => {
                        let connection = ServerConnection::new(identity).unwrap();
                        serve(StreamOwned::new(connection, stream), &to, &from);
                    }
                });
            }
        });
        Receiver { address, scheme, got }
    }

    /// Everything that came so far.
    pub(crate) fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    /// Waits until so many requests have come.
    #[track_caller]
    pub(crate) fn wait_for(&self, requests: usize) -> Vec<Got> {
        until(&format!("{requests} requests"), || {
            Some(self.got()).filter(|got| got.len() >= requests)
        })
    }

    /// Where it is, as a target: with a secret in its path.
    pub(crate) fn url(&self) -> String {
        format!("{}://{}/hook/hush-4f1e", self.scheme, self.address)
    }
}

fn serve(stream: impl Read + Write, to: &Mutex<Vec<Got>>, from: &Mutex<VecDeque<Manner>>) {
    let mut reader = BufReader::new(stream);
    while let Some(got) = read(&mut reader) {
        let manner = from.lock().unwrap().pop_front().unwrap_or(Manner::Answers(200));
        to.lock().unwrap().push(got);
        match manner {
            Manner::Answers(status) => {
                let answer = format!("HTTP/1.1 {status} Whatever\r\ncontent-length: 0\r\n\r\n");
                if reader.get_mut().write_all(answer.as_bytes()).is_err() {
                    return;
                }
            }
            // Until the other side gives up.
            Manner::Hangs => drop(reader.read(&mut [0])),
        }
    }
}

pub(super) fn read(reader: &mut impl BufRead) -> Option<Got> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
    });
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Got { head, body })
}
