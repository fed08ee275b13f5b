//! Calls to real servers on this machine: good, refusing, redirecting, silent and absent ones.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use client::{Address, Answer, Call, CallError, Client, Limits, Method, Roots};

/// What a server got: its head, and its body.
type Got = (String, Vec<u8>);

fn read_request(stream: &TcpStream) -> Got {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap() == 0 {
            break;
        }
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    (head, body)
}

/// Answers one request with these bytes.
fn answering(answer: &'static str) -> (Address, Receiver<Got>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/hook/hush", listener.local_addr().unwrap());
    let (tell, told) = channel();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        tell.send(read_request(&stream)).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
    });
    (Address::parse(&address).unwrap(), told)
}

fn post(address: &Address, limits: Limits) -> Result<Answer, CallError> {
    let headers = [("content-type", "application/json"), ("x-id", "7")];
    let call = Call { method: Method::Post, address, headers: &headers, body: Some(b"{\"a\":1}") };
    Client::new(limits, &Roots::default()).call(call)
}

#[test]
fn a_call_says_what_it_was_told_to_and_brings_the_answer() {
    let (address, told) = answering("HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok");
    let answer = post(&address, Limits::default()).unwrap();
    assert_eq!((answer.status, answer.text.as_str()), (201, "ok"));
    assert!(answer.is_success() && answer.retry_after.is_none());
    let (head, body) = told.recv().unwrap();
    assert!(head.starts_with("POST /hook/hush HTTP/1.1\r\n"), "{head}");
    for line in ["x-id: 7", "content-type: application/json", "user-agent: headroom/"] {
        assert!(head.to_ascii_lowercase().contains(line), "{head}");
    }
    assert_eq!(body, b"{\"a\":1}");
}

#[test]
fn what_is_sent_without_a_body_says_that_there_is_none() {
    let (address, told) = answering("HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n");
    let call = Call { method: Method::Post, address: &address, headers: &[], body: None };
    Client::new(Limits::default(), &Roots::default()).call(call).unwrap();
    let head = told.recv().unwrap().0.to_ascii_lowercase();
    assert!(head.contains("content-length: 0"), "{head}");
    assert!(!head.contains("transfer-encoding"), "{head}");
}

#[test]
fn a_refusal_is_an_answer_and_says_when_to_come_again() {
    let (address, _told) =
        answering("HTTP/1.1 429 Too Many Requests\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n");
    let answer = post(&address, Limits::default()).unwrap();
    assert_eq!((answer.status, answer.retry_after), (429, Some(Duration::from_secs(7))));
    assert!(!answer.is_success());
}

#[test]
fn a_redirection_is_not_followed() {
    let (elsewhere, told) = answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let moved = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://{}/\r\ncontent-length: 0\r\n\r\n",
        elsewhere.host()
    );
    let (address, _told) = answering(moved.leak());
    assert_eq!(post(&address, Limits::default()).unwrap().status, 307);
    assert!(told.try_recv().is_err(), "nobody went there");
}

#[test]
fn who_says_nothing_is_given_up_and_the_path_is_not_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/hook/hush", listener.local_addr().unwrap());
    let address = Address::parse(&address).unwrap();
    let limits = Limits { whole: Duration::from_millis(50), ..Limits::default() };
    let error = post(&address, limits).unwrap_err();
    assert!(matches!(error, CallError::Slow { .. }), "{error:?}");
    drop(listener);
    let error = post(&address, Limits::default()).unwrap_err();
    assert!(matches!(error, CallError::Unreachable { .. }), "{error:?}");
    for text in [error.to_string(), format!("{error:?}")] {
        assert!(!text.contains("hush") && text.contains(address.host()), "{text}");
    }
}

#[test]
fn a_file_without_certificates_is_no_list_of_authorities() {
    let none = Roots::in_file(std::path::Path::new(file!()));
    assert!(none.is_err());
    assert!(Roots::in_file(std::path::Path::new("/nowhere.pem")).is_err());
}
