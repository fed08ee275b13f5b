//! As much of an HTTP server as the SDK needs.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    pub path: String,
    pub target: Option<String>,
    pub content_type: String,
    pub body: Vec<u8>,
}

/// An answer; none: nothing is ever answered.
pub struct Response {
    pub status: u16,
    pub content_type: &'static str,
    pub body: Vec<u8>,
}

/// Listens on any free port for as long as the process lives.
pub fn serve(answer: impl Fn(Request) -> Option<Response> + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (Ok(stream), answer) = (stream, Arc::clone(&answer)) else { continue };
            thread::spawn(move || converse(stream, answer.as_ref()));
        }
    });
    address
}

fn converse(stream: TcpStream, answer: &dyn Fn(Request) -> Option<Response>) {
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::new(stream);
    while let Ok(Some(request)) = read(&mut reader) {
        let Some(response) = answer(request) else {
            // Holds the line without a word until the other side hangs up.
            let _ = reader.read_to_end(&mut Vec::new());
            return;
        };
        let more = match response.content_type {
            "application/cbor" => "smithy-protocol: rpc-v2-cbor\r\n".to_owned(),
            // As GitHub does.
            "application/json" => format!(
                "x-ratelimit-limit: 5000\r\nx-ratelimit-remaining: 4711\r\n\
                 x-ratelimit-reset: {}\r\n",
                super::now().as_secs() + 600
            ),
            _ => String::new(),
        };
        let mut bytes = format!(
            "HTTP/1.1 {} X\r\ncontent-type: {}\r\n{more}content-length: {}\r\n\r\n",
            response.status,
            response.content_type,
            response.body.len()
        )
        .into_bytes();
        bytes.extend_from_slice(&response.body);
        if reader.get_mut().write_all(&bytes).is_err() {
            return;
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let (mut len, mut target, mut content_type) = (0, None, String::new());
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => len = value.parse().map_err(io::Error::other)?,
            "x-amz-target" => target = Some(value.to_owned()),
            "content-type" => value.clone_into(&mut content_type),
            _ => {}
        }
    }
    let mut body = vec![0; len];
    reader.read_exact(&mut body)?;
    Ok(Some(Request { path, target, content_type, body }))
}
