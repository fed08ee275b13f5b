//! How the payload lies in the body, and which secrets prove it.

use crate::world::{Delivery, Job, Setup, form};

#[test]
fn a_form_is_read_like_json_and_signed_as_it_stands() {
    let server = Setup::new().start();
    let job = Job::new(1).name("a+b & c=d %41 \u{1f680}");
    server.accepts(&[job.queued().in_a_form()]);
    assert_eq!(server.deliver(&job.queued()).outcome(), "202 duplicate", "it was the same job");
    assert!(server.get("/").text().contains("a+b &amp; c=d %41 \u{1f680}"));
}

#[test]
fn a_form_without_a_payload_is_unreadable_and_further_fields_do_not_matter() {
    let server = Setup::new().start();
    let body = |form: &[u8]| Delivery { body: form.to_vec(), ..Job::new(1).queued().in_a_form() };
    for nothing in [&b""[..], b"payload", b"payload=", b"Payload={}", b"a=b&c=d", b"payload=%FF"] {
        let answer = server.deliver(&body(nothing));
        assert_eq!(answer.status, 400, "{:?}", String::from_utf8_lossy(nothing));
    }
    let mut more = b"a=b&".to_vec();
    more.extend(form(&Job::new(1).queued().body));
    more.extend(b"&payload=%7B%7D");
    assert_eq!(server.deliver(&body(&more)).outcome(), "202 accepted");
}

#[test]
fn two_secrets_are_valid_while_one_replaces_the_other() {
    let rotation = Setup::new().var("HEADROOM_WEBHOOK_SECRET_NEXT", "the next one").start();
    for (id, secret, expected) in [
        (1, crate::world::SECRET, "202 accepted"),
        (2, "the next one", "202 accepted"),
        (3, "the one before", "401"),
        (4, "the next one ", "401"),
    ] {
        let answer = rotation.send(&Job::new(id).queued().signed(secret));
        assert_eq!(answer.outcome(), expected, "{secret}");
    }
}

#[test]
fn secrets_may_lie_in_files_with_the_newline_that_editors_add() {
    let setup = Setup::new().var("HEADROOM_WEBHOOK_SECRET", "");
    setup.write("old", "the old one\n");
    setup.write("new", "the new one\r\n");
    let server = setup.config("[webhook]\nsecret_files = [\"old\", \"new\"]\n").start();
    for (id, secret) in [(1, "the old one"), (2, "the new one")] {
        let answer = server.send(&Job::new(id).queued().signed(secret));
        assert_eq!(answer.outcome(), "202 accepted", "{secret}");
    }
}

/// Where configuration is read as a number, such a secret breaks every delivery.
#[test]
fn a_secret_of_digits_is_a_secret_like_any_other() {
    for secret in ["12345678", "0", "00000000000000000000", "1e9", "-1"] {
        let server = Setup::new().var("HEADROOM_WEBHOOK_SECRET", secret).start();
        assert_eq!(server.deliver(&Job::new(1).queued()).outcome(), "202 accepted", "{secret}");
    }
}
