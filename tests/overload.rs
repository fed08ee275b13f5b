//! More than the server takes on: it refuses some, forgets nothing, stays small and goes on.

use std::sync::Barrier;
use std::thread;

use serde_json::json;

use crate::world::{Answer, Connection, Delivery, Job, Request, Server, Setup, until};

const MIB: usize = 1024 * 1024;

/// A delivery with a body of exactly this size.
fn large(id: u64, bytes: usize) -> Delivery {
    let mut delivery = Job::new(id).queued();
    delivery.body.resize(bytes, b' ');
    delivery
}

/// Sends everything but the last byte of the body.
fn all_but_the_end(server: &Server, delivery: &Delivery) -> Connection {
    let bytes = delivery.signed(&server.setup.secret).bytes();
    let mut connection = server.connect();
    connection.write(&bytes[..bytes.len() - 1]).unwrap();
    connection
}

/// Sends the whole body in chunks, or as much of it as the server takes.
fn chunked(server: &Server, delivery: &Delivery) -> Answer {
    let request = delivery.signed(&server.setup.secret).header("transfer-encoding", "chunked");
    let mut connection = server.connect();
    connection.write(&request.head()).unwrap();
    for chunk in delivery.body.chunks(MIB / 4) {
        let size = format!("{:x}\r\n", chunk.len());
        connection.write(&[size.as_bytes(), chunk, b"\r\n"].concat()).unwrap();
    }
    connection.write(b"0\r\n\r\n").unwrap();
    connection.read().unwrap()
}

#[test]
fn when_the_memory_for_large_bodies_is_taken_the_next_ones_are_asked_to_come_back() {
    let server = Setup::new().start();
    // Together exactly what large ones may take: 50 MiB.
    let held = [(1, 25 * MIB), (2, 25 * MIB)].map(|(id, bytes)| large(id, bytes));
    let held = held.map(|delivery| all_but_the_end(&server, &delivery));
    for refuse in [Server::deliver, chunked] {
        let refused = until("the memory is taken", || {
            Some(refuse(&server, &large(9, 2 * MIB))).filter(|answer| answer.status == 503)
        });
        assert_eq!(refused.header("retry-after"), Some("1"));
    }
    for path in ["/healthz", "/readyz", "/", "/api/pools", "/metrics"] {
        assert_eq!(server.get(path).status, 200, "{path} goes on");
    }
    assert_eq!(server.deliver(&Job::new(3).queued()).outcome(), "202 accepted", "a usual one");
    for mut connection in held {
        connection.write(b" ").unwrap();
        assert_eq!(connection.read().unwrap().outcome(), "202 accepted");
    }
    for (id, send) in [(10, Server::deliver as fn(&_, &_) -> _), (11, chunked)] {
        assert_eq!(send(&server, &large(id, 25 * MIB)).outcome(), "202 accepted");
    }
}

#[test]
fn of_many_large_bodies_of_unknown_length_some_always_arrive() {
    const CLIENTS: u64 = 16;
    let server = Setup::new().start();
    let begin = Barrier::new(usize::try_from(CLIENTS).unwrap());
    let send = |id| {
        let delivery = large(id, 20 * MIB);
        begin.wait();
        chunked(&server, &delivery)
    };
    let answers: Vec<Answer> = thread::scope(|scope| {
        let clients: Vec<_> = (1..=CLIENTS).map(|id| scope.spawn(move || send(id))).collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    for answer in answers.iter().filter(|answer| answer.status != 202) {
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    }
    let taken = answers.iter().filter(|answer| answer.status == 202).count() as u64;
    assert!(taken >= 2, "two of the largest fit at once, and {taken} arrived");
    assert_eq!(server.pool("linux,self-hosted").totals(), [taken, 0, 0]);
}

#[test]
fn clients_that_announce_much_and_send_nothing_keep_nobody_out() {
    let server = Setup::new().start();
    let head = |bytes: usize| {
        let length = bytes.to_string();
        Request::post("/webhook").header("content-length", length).head()
    };
    let _held: Vec<Connection> = (0..200)
        .map(|n| {
            let mut connection = server.connect();
            connection.write(&head(if n % 2 == 0 { 25 * MIB } else { MIB })).unwrap();
            connection
        })
        .collect();
    server.accepts(&Job::new(1).life());
}

#[test]
fn a_flood_of_large_bodies_is_answered_in_bounded_memory() {
    const CLIENTS: u64 = 12;
    let server = Setup::new().start();
    let begin = Barrier::new(usize::try_from(CLIENTS).unwrap());
    let send = |id| {
        let request = large(id, 20 * MIB).signed(&server.setup.secret);
        begin.wait();
        server.send(&request).status
    };
    let statuses: Vec<u16> = thread::scope(|scope| {
        let clients: Vec<_> = (1..=CLIENTS).map(|id| scope.spawn(move || send(id))).collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    let taken = statuses.iter().filter(|status| **status == 202).count() as u64;
    assert!(statuses.iter().all(|status| [202, 503].contains(status)), "{statuses:?}");
    assert!((1..CLIENTS).contains(&taken), "{statuses:?}");
    assert_eq!(server.pool("linux,self-hosted").totals(), [taken, 0, 0]);
    let peak_mib = server.status("VmHWM:") / 1024;
    assert!(peak_mib < 160, "{peak_mib} MiB at the peak");
    server.accepts(&[Job::new(99).queued()]);
}

#[test]
fn clients_that_say_nothing_or_only_half_are_cut_off_while_others_are_served() {
    let server = Setup::new().start();
    let half = b"POST /webhook HTTP/1.1\r\nhost: localhost\r\nx-slow: ";
    let slow: Vec<Connection> = (0..300)
        .map(|n| {
            let mut connection = server.connect();
            connection.write(&half[..if n % 2 == 0 { 0 } else { half.len() }]).unwrap();
            connection
        })
        .collect();
    server.accepts(&Job::new(1).life());
    assert_eq!(server.get("/").status, 200);
    for mut connection in slow {
        // Reading ends only because the server closes.
        let said = connection.read_to_end().unwrap_or_default();
        assert!(said.is_empty() || said.starts_with(b"HTTP/1.1 408"), "{said:?}");
    }
    server.accepts(&[Job::new(2).queued()]);
}

#[test]
fn a_body_that_never_ends_is_given_up() {
    let server = Setup::new().start();
    let mut connection = all_but_the_end(&server, &Job::new(1).queued());
    server.accepts(&[Job::new(2).queued()]);
    let answer = connection.read().unwrap();
    assert_eq!(
        (answer.status, answer.json()),
        (408, json!({"error": "the body did not arrive in time"}))
    );
    assert_eq!(server.pool("linux,self-hosted").totals(), [1, 0, 0]);
}

#[test]
fn a_flood_of_refusals_is_counted_and_leaves_one_line_in_the_log() {
    let server = Setup::new().start();
    let mut connection = server.connect();
    let forged: Request = Job::new(1).queued().request("sha256=00");
    for _ in 0..200 {
        assert_eq!(connection.send(&forged).unwrap().status, 401);
    }
    let rejected = model::catalogue::DELIVERIES_REJECTED.0;
    assert_eq!(server.metrics().sum(rejected, &[("reason", "signature_wrong")]), 200);
    let lines = server.log().iter().filter(|line| line.contains("signature_wrong")).count();
    assert!((1..=3).contains(&lines), "{lines} lines");
}
