//! Whatever a client sends, the fault is its own: it is never answered 500, and service goes on.

use crate::world::{Chance, Job, SECRET, Server, Setup, fixture};

/// Sends the bytes and nothing more; the status, if there is an answer at all.
fn status(server: &Server, bytes: &[u8]) -> Option<u16> {
    let mut connection = server.connect();
    // It may be cut off while it still speaks.
    let _ = connection.write(bytes);
    connection.end_writing();
    connection.read().ok().map(|answer| answer.status)
}

/// Nothing in the log tells of a fault of our own, and the next delivery is taken.
fn is_well(server: &Server, id: u64) {
    assert_eq!(server.deliver(&Job::new(id).queued()).outcome(), "202 accepted");
    let log = server.log().join("\n");
    assert!(!log.contains("panicked") && !log.contains("\"ERROR\""), "{log}");
}

#[test]
fn what_is_no_http_is_refused_or_cut_off() {
    let server = Setup::new().start();
    let requests: [&[u8]; 16] = [
        b"",
        b"\r\n\r\n",
        b"hello\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\xff\xfe\x00\x00\r\n\r\n",
        b"POST /webhook\r\n\r\n",
        b"POST /webhook HTTP/9.9\r\n\r\n",
        b"POST /webhook HTTP/1.1",
        b"POST /web hook HTTP/1.1\r\nhost: x\r\n\r\n",
        b"POST /webhook HTTP/1.1\r\nno colon\r\n\r\n",
        b"POST /webhook HTTP/1.1\r\nhost: x\r\ncontent-length: ten\r\n\r\n",
        b"POST /webhook HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"POST /webhook HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999\r\n\r\n",
        b"POST /webhook HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"POST /webhook HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ];
    for bytes in requests {
        let status = status(&server, bytes);
        let fine = status.is_none_or(|status| (400..500).contains(&status));
        assert!(fine, "{status:?} for {:?}", String::from_utf8_lossy(bytes));
    }
    is_well(&server, 1);
}

#[test]
fn what_is_http_and_no_delivery_is_the_clients_fault() {
    let server = Setup::new().start();
    let head = "POST /webhook HTTP/1.1\r\nhost: localhost\r\n";
    let json = "content-type: application/json\r\n";
    let deep = format!("content-length: 200000\r\n\r\n{}", "[".repeat(200_000));
    for (what, bytes, expected) in [
        ("no headers at all", "POST /webhook HTTP/1.0\r\n\r\n".to_owned(), 415),
        ("HTTP/1.0", format!("POST /webhook HTTP/1.0\r\n{json}\r\n"), 401),
        ("no length", format!("{head}{json}\r\n"), 401),
        ("a huge header", format!("{head}x: {}\r\n\r\n", "x".repeat(200_000)), 431),
        ("many headers", format!("{head}{}\r\n", "x: y\r\n".repeat(5000)), 431),
        ("two types", format!("{head}{json}content-type: text/plain\r\n\r\n"), 401),
        ("a type of odd bytes", format!("{head}content-type: \u{fc}\r\n\r\n"), 415),
        (
            "a signature of odd bytes",
            format!("{head}{json}x-hub-signature-256: \u{fc}\r\n\r\n"),
            401,
        ),
        ("deep nesting", format!("{head}{json}{deep}"), 401),
        ("a body that breaks off", format!("{head}{json}content-length: 10\r\n\r\n{{"), 400),
    ] {
        let status = status(&server, bytes.as_bytes());
        // What is too long to be read is cut off, and the answer may be lost with it.
        let is_lost = expected == 431 && status.is_none();
        assert!(is_lost || status == Some(expected), "{what}: {status:?}");
    }
    is_well(&server, 1);
}

#[test]
fn signed_nonsense_is_unreadable_and_nothing_worse() {
    let server = Setup::new().start();
    let long = format!("{{\"a\":\"{}\"}}", "\\u0000".repeat(10_000));
    let texts = [
        "[".repeat(100_000),
        "{\"a\":".repeat(100_000),
        "\"".to_owned(),
        "nul".to_owned(),
        "{}{}".to_owned(),
        "{\"action\":\"queued\",\"workflow_job\":{\"id\":1e400}}".to_owned(),
        "{\"action\":\"queued\",\"workflow_job\":{\"id\":-1}}".to_owned(),
        "{\"action\":\"queued\",\"workflow_job\":{\"id\":18446744073709551616}}".to_owned(),
        "{\"action\":1,\"workflow_job\":{\"id\":1}}".to_owned(),
        "{\"action\":\"\\ud800\",\"workflow_job\":{\"id\":1}}".to_owned(),
    ];
    for text in texts {
        let mut delivery = fixture("workflow_job.queued.1");
        delivery.body = text.clone().into_bytes();
        let start: String = text.chars().take(60).collect();
        assert_eq!(server.deliver(&delivery).status, 400, "{start}");
    }
    let mut odd = fixture("push.1");
    odd.body = long.into_bytes();
    assert_eq!(server.deliver(&odd).outcome(), "200 ignored");
    is_well(&server, 1);
}

/// Any value may stand in any member of a job without failing the event.
#[test]
fn odd_values_in_a_genuine_job_are_taken_as_missing() {
    let server = Setup::new().start();
    let odd = [
        serde_json::json!(null),
        serde_json::json!(""),
        serde_json::json!(-1.5),
        serde_json::json!({"a": [1]}),
        serde_json::json!(["x", null, 7]),
        serde_json::json!("9999-99-99T99:99:99Z"),
        serde_json::json!("+999999-01-01T00:00:00Z"),
        serde_json::json!("\u{0}\u{202e}\u{1f680}"),
        serde_json::json!(u64::MAX),
    ];
    let members = [
        "run_id",
        "run_attempt",
        "name",
        "created_at",
        "started_at",
        "completed_at",
        "conclusion",
        "runner_id",
        "runner_name",
        "html_url",
        "status",
        "workflow_name",
    ];
    let mut id = u64::from(u32::MAX);
    for member in members {
        for value in &odd {
            id += 1;
            let job = Job::new(id).completed().edited(|payload| {
                payload["workflow_job"][member] = value.clone();
            });
            assert_eq!(server.deliver(&job).outcome(), "202 accepted", "{member}: {value}");
        }
    }
    assert_eq!(server.get("/").status, 200);
    is_well(&server, 1);
}

#[test]
fn no_mutation_of_a_genuine_request_is_answered_500() {
    let server = Setup::new().start();
    let genuine = Job::new(1).queued().signed(SECRET).bytes();
    let mut chance = Chance::new(0x5eed_0001);
    for _ in 0..400 {
        let mut bytes = genuine.clone();
        for _ in 0..=chance.below(4) {
            let at = chance.below(bytes.len());
            match chance.below(4) {
                0 => bytes[at] = *chance.pick(b"\r\n:; \0\xff{}[]\"0z"),
                1 => bytes.truncate(at.max(1)),
                2 => drop(bytes.drain(at..(at + 40).min(bytes.len()))),
                _ => bytes.splice(at..at, *b"\r\n").for_each(drop),
            }
        }
        let status = status(&server, &bytes);
        assert!(
            status.is_none_or(|s| s < 500),
            "{status:?}: {:?}",
            String::from_utf8_lossy(&bytes)
        );
    }
    is_well(&server, 2);
}
