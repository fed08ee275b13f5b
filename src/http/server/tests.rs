//! Clients that keep their place without getting on, against limits that pass quickly. Nothing here
//! waits for a time: each story ends with what the server does.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use axum::routing::{get, post};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use super::*;

/// A limit that passes soon, though a busy machine can connect and ask within it, and one that never
/// does.
const SOON: Duration = Duration::from_millis(300);
const NEVER: Duration = Duration::from_hours(24);

const PATIENT: Limits = Limits {
    connections_max: 64,
    head_time_max: NEVER,
    idle_time_max: NEVER,
    write_time_max: NEVER,
    head_bytes_max: 16 * 1024,
    drain_time_max: NEVER,
};

/// A server that runs until it is dropped.
struct House {
    address: SocketAddr,
    _close: oneshot::Sender<()>,
    _runtime: Runtime,
}

impl House {
    fn with(limits: Limits) -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/", get(|| async { "hello" }))
            .route("/large", get(|| async { "x".repeat(1024 * 1024) }))
            .route("/echo", post(|body: String| async { body }));
        let (close, closing) = oneshot::channel::<()>();
        runtime.spawn(serve(listener, router, limits, async {
            let _ = closing.await;
        }));
        House { address, _close: close, _runtime: runtime }
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).unwrap()
    }
}

const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";

/// Asks once and reads the answer.
fn asks(stream: &mut TcpStream) {
    stream.write_all(GET).unwrap();
    answers(stream, "hello");
}

fn answers(stream: &mut TcpStream, end: &str) {
    let mut text = Vec::new();
    while !text.ends_with(end.as_bytes()) {
        let mut bytes = [0; 1024];
        let len = stream.read(&mut bytes).unwrap();
        assert!(len > 0, "closed after {:?}", String::from_utf8_lossy(&text));
        text.extend_from_slice(&bytes[..len]);
    }
}

/// Returns only because the server closes.
fn is_cut_off(stream: &mut TcpStream) {
    let mut rest = Vec::new();
    match stream.read_to_end(&mut rest) {
        Ok(_) => assert_eq!(String::from_utf8_lossy(&rest), ""),
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
}

#[test]
fn a_slow_head_is_cut_off_whether_it_is_the_first_or_a_later_one() {
    let house = House::with(Limits { head_time_max: SOON, ..PATIENT });
    for (asked_before, start) in [(false, &b""[..]), (false, &GET[..20]), (true, &GET[..1])] {
        let mut stream = house.connect();
        if asked_before {
            asks(&mut stream);
        }
        stream.write_all(start).unwrap();
        is_cut_off(&mut stream);
    }
}

#[test]
fn a_head_that_drips_is_cut_off_although_something_always_comes() {
    let house = House::with(Limits { head_time_max: SOON, ..PATIENT });
    let mut stream = house.connect();
    stream.write_all(b"GET / HTTP/1.1\r\n").unwrap();
    // Each of them is taken in time; the head as a whole is not.
    while stream.write_all(b"x: y\r\n").is_ok() {
        assert!(stream.flush().is_ok());
        let gone = stream.set_nonblocking(true).and_then(|()| stream.read(&mut [0; 512]));
        stream.set_nonblocking(false).unwrap();
        match gone {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            _ => break,
        }
    }
    asks(&mut house.connect());
}

#[test]
fn an_idle_connection_outlives_the_time_for_a_head() {
    let house = House::with(Limits { head_time_max: SOON, ..PATIENT });
    let mut idle = house.connect();
    asks(&mut idle);
    is_cut_off(&mut house.connect());
    asks(&mut idle);
    is_cut_off(&mut house.connect());
    asks(&mut idle);
}

#[test]
fn a_body_has_its_own_time_and_neither_that_of_heads_nor_of_silence() {
    let house = House::with(Limits { head_time_max: SOON, idle_time_max: SOON, ..PATIENT });
    let mut slow = house.connect();
    slow.write_all(b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhe").unwrap();
    is_cut_off(&mut house.connect());
    slow.write_all(b"llo").unwrap();
    answers(&mut slow, "hello");
}

#[test]
fn silence_between_two_requests_ends() {
    let house = House::with(Limits { idle_time_max: SOON, ..PATIENT });
    let mut stream = house.connect();
    asks(&mut stream);
    is_cut_off(&mut stream);
}

#[test]
fn idle_connections_never_hold_the_last_quarter_of_the_places() {
    let house = House::with(Limits { connections_max: 4, head_time_max: SOON, ..PATIENT });
    let mut idle: Vec<TcpStream> = (0..3).map(|_| house.connect()).collect();
    idle.iter_mut().for_each(asks);
    for _ in 0..2 {
        let mut last = house.connect();
        asks(&mut last);
        is_cut_off(&mut last);
    }
    idle.iter_mut().for_each(asks);
}

#[test]
fn a_client_that_asks_and_never_reads_is_cut_off() {
    let house = House::with(Limits { write_time_max: SOON, ..PATIENT });
    let mut stream = house.connect();
    // Ends only because the server does: its answers fill every buffer on the way.
    while stream.write_all(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n").is_ok() {}
    asks(&mut house.connect());
}

#[test]
fn a_client_that_reads_slowly_gets_everything() {
    let house = House::with(Limits { write_time_max: NEVER, ..PATIENT });
    let mut stream = house.connect();
    stream.write_all(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    asks(&mut house.connect());
    let mut len = 0;
    while len < 1024 * 1024 {
        len += stream.read(&mut [0; 997]).unwrap();
    }
}

#[test]
fn a_client_that_says_no_more_still_gets_its_answer() {
    let house = House::with(PATIENT);
    let mut stream = house.connect();
    stream.write_all(GET).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    answers(&mut stream, "hello");
    is_cut_off(&mut stream);
}

#[test]
fn a_head_beyond_the_limit_is_refused_and_its_place_is_free_again() {
    let house = House::with(Limits { connections_max: 1, ..PATIENT });
    let mut stream = house.connect();
    let _ = stream.write_all(b"GET / HTTP/1.1\r\nx: ");
    let _ = stream.write_all(&vec![b'x'; 64 * 1024]);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    asks(&mut house.connect());
}

#[test]
fn connections_beyond_the_limit_wait_for_a_place() {
    let house = House::with(Limits { connections_max: 2, head_time_max: SOON, ..PATIENT });
    let held = [house.connect(), house.connect()];
    // Answered only once one of them was cut off.
    asks(&mut house.connect());
    drop(held);
}
