//! Somebody who is to be told: an HTTP server that does what it is told to, and keeps what it got.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

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
    got: Arc<Mutex<Vec<Got>>>,
}

impl Receiver {
    /// Treats the first requests like this.
    pub(crate) fn that(manners: impl IntoIterator<Item = Manner>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let got: Arc<Mutex<Vec<Got>>> = Arc::default();
        let from = Arc::new(Mutex::new(manners.into_iter().collect::<VecDeque<_>>()));
        let to = Arc::clone(&got);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (to, from) = (Arc::clone(&to), Arc::clone(&from));
                thread::spawn(move || serve(&stream, &to, &from));
            }
        });
        Receiver { address, got }
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
        format!("http://{}/hook/hush-4f1e", self.address)
    }
}

fn serve(mut stream: &TcpStream, to: &Mutex<Vec<Got>>, from: &Mutex<VecDeque<Manner>>) {
    let mut reader = BufReader::new(stream);
    while let Some(got) = read(&mut reader) {
        let manner = from.lock().unwrap().pop_front().unwrap_or(Manner::Answers(200));
        to.lock().unwrap().push(got);
        match manner {
            Manner::Answers(status) => {
                let answer = format!("HTTP/1.1 {status} Whatever\r\ncontent-length: 0\r\n\r\n");
                if stream.write_all(answer.as_bytes()).is_err() {
                    return;
                }
            }
            // Until the other side gives up.
            Manner::Hangs => drop(reader.read(&mut [0])),
        }
    }
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Got> {
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
