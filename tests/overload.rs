//! More than the server takes on: it refuses some, forgets nothing, stays small and goes on.

use std::sync::Barrier;
use std::thread;

use serde_json::json;

use crate::world::{Connection, Delivery, Job, Request, Server, Setup, until};

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

#[test]
fn when_the_memory_for_bodies_is_taken_others_are_asked_to_come_back() {
    let server = Setup::new().start();
    // Together exactly what may be in memory: 64 MiB.
    let sizes = [21 * MIB, 21 * MIB, 21 * MIB, MIB];
    let held =
        sizes.iter().zip(1..).map(|(bytes, id)| all_but_the_end(&server, &large(id, *bytes)));
    let held: Vec<_> = held.collect();
    let refused = until("the memory is taken", || {
        Some(server.deliver(&Job::new(9).queued())).filter(|answer| answer.status == 503)
    });
    assert_eq!(refused.header("retry-after"), Some("1"));
    for path in ["/healthz", "/readyz", "/", "/api/pools", "/metrics"] {
        assert_eq!(server.get(path).status, 200, "{path} goes on");
    }
    for mut connection in held {
        connection.write(b" ").unwrap();
        assert_eq!(connection.read().unwrap().outcome(), "202 accepted");
    }
    assert_eq!(server.deliver(&Job::new(10).queued()).outcome(), "202 accepted");
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
