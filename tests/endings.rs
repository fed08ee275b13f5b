//! How a server ends: what was begun is answered, and nothing holds it up.

use model::catalogue as c;

use crate::world::{Connection, Job, Request, Server, Setup};

/// Sends the head of a delivery and half of its body; the other half and the connection.
fn half_sent(server: &Server, id: u64) -> (Connection, Vec<u8>) {
    let request = Job::new(id).queued().signed(&server.setup.secret);
    let mut bytes = request.bytes();
    let rest = bytes.split_off(request.head().len() + 100);
    let mut connection = server.connect();
    connection.write(&bytes).unwrap();
    (connection, rest)
}

#[test]
fn requests_under_way_are_answered_before_the_end() {
    let server = Setup::new().start();
    let under_way: Vec<_> = (1..=20).map(|id| half_sent(&server, id)).collect();
    // Taken in order, so once this is answered the heads before it are read or about to be.
    server.accepts(&[Job::new(99).queued()]);
    server.signal("TERM");
    server.says("finishing those under way");
    for (mut connection, rest) in under_way {
        connection.write(&rest).unwrap();
        assert_eq!(connection.read().unwrap().outcome(), "202 accepted");
    }
    let setup = server.setup.clone();
    let ended = server.ended();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("everything that was accepted is stored"));
    assert_eq!(setup.start().pool("linux,self-hosted").totals(), [21, 0, 0]);
}

#[test]
fn neither_idle_connections_nor_listeners_hold_up_the_end() {
    let server = Setup::new().start();
    let _silent = server.connect();
    let mut idle = server.connect();
    assert_eq!(idle.send(&Request::get("/healthz")).unwrap().status, 200);
    let mut events = server.connect();
    events.write(&Request::get("/events").head()).unwrap();
    assert_eq!(events.read().unwrap().status, 200);
    let ended = server.stop();
    assert!(!ended.stderr.contains("cut off"), "{}", ended.stderr);
}

#[test]
fn an_interrupt_from_the_keyboard_is_as_good_as_a_request_to_end() {
    let server = Setup::new().argument("--emf=stdout").start();
    server.accepts(&[Job::new(1).queued()]);
    server.signal("INT");
    let ended = server.ended();
    assert_eq!(ended.code, Some(0));
    assert!(ended.stdout.contains(c::JOB_EVENTS.0.name), "the open minute is published");
}

#[test]
fn a_server_that_is_asked_to_end_with_its_first_word_ends_in_good_order() {
    for _ in 0..10 {
        Setup::new().start().stop();
    }
}
