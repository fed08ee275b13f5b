//! Our signatures against those of Octokit, whose code shares nothing with ours.

use std::process::Command;

use ingest::Secrets;

use crate::world::{Delivery, Setup, fixture, fixtures, form, read_with, repository, tool};

/// The secret of all requests here: not ASCII, with what shells and JSON escape.
const SECRET: &str = "sch\u{f6}n \"$geheim\" \\ 12";

/// What Octokit signs `body` as.
fn octokit(body: &[u8]) -> String {
    octokit_with(SECRET, body)
}

/// The same with another secret.
pub(crate) fn octokit_with(secret: &str, body: &[u8]) -> String {
    tool("node/node_modules/@octokit/webhooks-methods");
    let mut node = Command::new("node");
    node.arg(repository().join("tests/tools/sign.mjs")).env("SECRET", secret);
    let signed = read_with(node, body);
    assert_eq!(signed.code, Some(0), "{}", signed.stderr);
    signed.stdout.trim().to_owned()
}

#[test]
fn what_octokit_signs_is_accepted_and_our_signature_is_the_same() {
    let server = Setup::new().var("HEADROOM_WEBHOOK_SECRET", SECRET).start();
    let ours = Secrets::new(&[SECRET]).unwrap();
    for name in fixtures().iter().step_by(2) {
        let delivery = fixture(name);
        let signature = octokit(&delivery.body);
        assert_eq!(ours.sign(&delivery.body).as_deref(), Some(signature.as_str()), "{name}");
        let answer = server.send(&delivery.request(&signature));
        assert!(answer.status < 300, "{name}: {}", answer.text());
    }
}

#[test]
fn odd_bodies_are_signed_alike_down_to_the_last_byte() {
    let server = Setup::new().var("HEADROOM_WEBHOOK_SECRET", SECRET).start();
    let push = |body: &[u8]| Delivery::new("push", "odd", body);
    let as_form = Delivery { body: form(b"{\"a\":\"\xc3\xbc\"}"), ..fixture("push.1").in_a_form() };
    for (delivery, expected) in [
        (push(b"{\"\xc3\xa9\":\"\xf0\x9f\x9a\x80\"}"), "200 ignored"),
        (push(b" {}\r\n\n"), "200 ignored"),
        (push(b"\xef\xbb\xbf{}"), "400"),
        (push(b"\0"), "400"),
        (as_form, "200 ignored"),
    ] {
        let signature = octokit(&delivery.body);
        let ours = Secrets::new(&[SECRET]).unwrap().sign(&delivery.body).unwrap();
        assert_eq!(ours, signature, "{:?}", delivery.body);
        let answer = server.send(&delivery.request(&signature));
        assert_eq!(answer.outcome(), expected, "{:?}", delivery.body);
        let mut shorter = delivery.clone();
        shorter.body.pop();
        assert_eq!(server.send(&shorter.request(&signature)).status, 401);
    }
}
