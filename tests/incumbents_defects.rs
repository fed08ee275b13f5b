//! Defects that webhook receivers for runners are known for, and that this one does not have.
//!
//! Told elsewhere: a missing signature is 401 (`contract`), a secret of digits works from the
//! environment and a rotation takes two secrets (`bodies`), a redelivery counts once
//! (`durability`), and of a batch that fails every sender is told so (`adapters/local`, `threads`).

use std::thread;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ingest::{Rejection, Secrets, from_base64, receive};

use crate::world::{Job, Refusing, SECRET, Setup, fixture};

/// Nothing is remembered of a start that failed.
#[test]
fn a_secret_that_was_missing_at_the_start_is_taken_at_the_next() {
    let server = Setup::new().var("HEADROOM_WEBHOOK_SECRET", "").start();
    let job = Job::new(1);
    let answer = server.send(&job.queued().signed(SECRET));
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("60")));
    let setup = server.kill().var("HEADROOM_WEBHOOK_SECRET", SECRET);
    let server = setup.start();
    server.accepts(&job.life());

    let setup = server.kill().config("[webhook]\nsecret_files = [\"secret\"]\n");
    let ended = setup.fails();
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    setup.write("secret", "the next one");
    let server = setup.start();
    for (id, secret) in [(2, SECRET), (3, "the next one")] {
        let answer = server.send(&Job::new(id).queued().signed(secret));
        assert_eq!(answer.outcome(), "202 accepted", "{secret}");
    }
    assert_eq!(server.deliver(&job.queued()).outcome(), "202 duplicate");
}

/// A secret of digits is a text in a file; a number in its place is told so before anything starts.
#[test]
fn a_secret_of_digits_works_from_a_file_and_a_number_for_a_file_is_a_clear_error() {
    let setup = Setup::new().var("HEADROOM_WEBHOOK_SECRET", "");
    setup.write("secret", "12345678\n");
    let server = setup.clone().config("[webhook]\nsecret_files = [\"secret\"]\n").start();
    let answer = server.send(&Job::new(1).queued().signed("12345678"));
    assert_eq!(answer.outcome(), "202 accepted");
    drop(server);
    let ended = setup.config("[webhook]\nsecret_files = [7]\n").fails();
    assert_eq!(ended.code, Some(2));
    for part in ["headroom.toml", "line 2", "secret_files", "integer"] {
        assert!(ended.stderr.contains(part), "{part} is not in {}", ended.stderr);
    }
}

/// Each sender hears what became of its own delivery, and sends again what was refused and no more.
#[test]
fn when_some_deliveries_cannot_be_stored_those_and_only_those_are_to_be_sent_again() {
    const JOBS: u64 = 40;
    let server = Setup::new().start();
    server.accepts(&[Job::new(JOBS + 1).queued()]);
    let refusing = Refusing::job(&server.setup.store(), 20);
    let send = |id| (id, server.deliver(&Job::new(id).queued()).outcome());
    let told: Vec<(u64, String)> = thread::scope(|scope| {
        let senders: Vec<_> = (1..=JOBS).map(|id| scope.spawn(move || send(id))).collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).collect()
    });
    drop(refusing);
    let refused: Vec<u64> = told.iter().filter(|(_, told)| told == "503").map(|t| t.0).collect();
    let taken: Vec<u64> = told.iter().filter(|(_, t)| t == "202 accepted").map(|t| t.0).collect();
    assert_eq!(refused.len() + taken.len(), told.len(), "{told:?}");
    assert!(refused.contains(&20), "{told:?}");
    let queued = || server.pool("linux,self-hosted").totals()[0];
    assert_eq!(queued(), taken.len() as u64 + 1, "what was refused was not stored");
    for id in refused {
        assert_eq!(send(id).1, "202 accepted");
    }
    for id in taken {
        assert_eq!(send(id).1, "202 duplicate");
    }
    assert_eq!(queued(), JOBS + 1);
}

#[test]
fn a_body_in_base64_is_verified_and_read_as_the_bytes_that_were_signed() {
    let secrets = Secrets::new(&[SECRET]).unwrap();
    for delivery in [fixture("workflow_job.completed.1"), Job::new(1).queued().in_a_form()] {
        let signature = secrets.sign(&delivery.body);
        let encoded = BASE64_STANDARD.encode(&delivery.body);
        let decoded = from_base64(encoded.as_bytes()).unwrap();
        let request = |body| ingest::Request {
            event: Some(&delivery.event),
            delivery: Some(&delivery.id),
            signature: signature.as_deref(),
            content_type: Some(&delivery.content_type),
            body,
        };
        let sent = receive(&request(&delivery.body), &secrets);
        assert!(sent.is_ok() && receive(&request(&decoded), &secrets) == sent);
        let as_it_stands = receive(&request(encoded.as_bytes()), &secrets);
        assert_eq!(as_it_stands, Err(Rejection::SignatureWrong));
    }
}

#[test]
fn what_is_logged_of_a_ping_holds_nothing_of_the_job_before() {
    let server = Setup::new().var("HEADROOM_LOG", "trace").start();
    let job = Job::new(987_654_321).name("the job before").repository("octo/before");
    let mut connection = server.connect();
    for delivery in job.life() {
        assert_eq!(connection.send(&delivery.signed(SECRET)).unwrap().status, 202);
    }
    let before = server.log().len();
    let ping = fixture("ping.1").again_as("11111111-2222-4333-8444-555555555555");
    assert_eq!(connection.send(&ping.signed(SECRET)).unwrap().outcome(), "200 pong");
    server.says("GitHub says hello");
    let since = server.log().split_off(before).join("\n");
    assert!(since.contains(&ping.id), "{since}");
    for word in ["987654321", "the job before", "octo/before", &job.queued().id] {
        assert!(!since.contains(word), "{word}: {since}");
    }
}

/// One connection, and what it costs does not grow with what it carries.
#[test]
fn six_thousand_events_take_no_further_connection_thread_or_memory() {
    let server = Setup::new().start();
    let mut connection = server.connect();
    let mut send = |ids: std::ops::RangeInclusive<u64>| {
        for delivery in ids.flat_map(|id| Job::new(id).life()) {
            let answer = connection.send(&delivery.signed(SECRET)).unwrap();
            assert_eq!(answer.outcome(), "202 accepted");
        }
    };
    let cost = || [server.descriptors(), server.status("Threads:")];
    send(1..=200);
    let (after_some, kib) = (cost(), server.status("VmHWM:"));
    send(201..=2000);
    let after_all = cost();
    assert!(after_all[0] <= after_some[0] + 4, "descriptors: {after_some:?}, then {after_all:?}");
    assert!(after_all[1] <= after_some[1] + 2, "threads: {after_some:?}, then {after_all:?}");
    let more_kib = server.status("VmHWM:").saturating_sub(kib);
    assert!(more_kib < 16 * 1024, "{more_kib} KiB more than the {kib} KiB after 600 events");
    assert_eq!(server.pool("linux,self-hosted").totals(), [2000, 2000, 2000]);
}
