//! Every door is answered as `serve` answers.

use ingest::Secrets;
use serde_json::json;

use super::sent;
use crate::world::{
    Answer, Delivery, Door, Function, Job, Request, SECRET, Setup, fixture, fixtures,
};

/// What a sender sees of an answer.
fn seen(answer: &Answer) -> (u16, String, Option<String>, Option<String>) {
    let header = |name| answer.header(name).map(str::to_owned);
    (answer.status, answer.text(), header("retry-after"), header("allow"))
}

#[test]
fn every_payload_through_every_door_is_answered_as_by_serve() {
    let (server, sandbox) = (Setup::new().start(), Function::new().start());
    for name in fixtures() {
        for (n, door) in (0..).zip(Door::ALL) {
            let delivery = match n % 2 {
                0 => fixture(&name),
                _ => fixture(&name).in_a_form(),
            };
            let request = sent(&delivery, &format!("{name}-{n}"));
            let expected = seen(&server.send(&request));
            for as_base64 in [false, true] {
                let answer = door.answer(&sandbox.invoke(&door.event(&request, as_base64)));
                let mut expected = expected.clone();
                if as_base64 && expected.0 == 202 {
                    // It came just now.
                    expected.1 = "{\"outcome\":\"duplicate\"}\n".into();
                }
                assert_eq!(seen(&answer), expected, "{name} through {door:?}");
            }
        }
    }
}

/// Requests of which each is wrong in one way, or in several of which the first counts.
fn refused() -> Vec<(&'static str, Request)> {
    let job = Job::new(1).queued();
    let whole = job.signed(SECRET);
    let signed = |body: &[u8]| {
        let signature = Secrets::new(&[SECRET]).unwrap().sign(body).unwrap();
        Delivery::new("workflow_job", "d-1", body).request(&signature)
    };
    vec![
        ("GET", whole.clone().method("GET")),
        ("PUT of nothing that fits", Request::new("PUT", "/webhook").body("x")),
        ("no content type", whole.clone().without("content-type")),
        ("text", whole.clone().without("content-type").header("content-type", "text/plain")),
        ("no signature", whole.clone().without("x-hub-signature-256")),
        ("text without a signature", Request::post("/webhook").header("content-type", "text/x")),
        ("wrong signature", job.request("sha256=00")),
        ("signature of another secret", job.signed("another")),
        ("no event", whole.clone().without("x-github-event")),
        ("no delivery", whole.clone().without("x-github-delivery")),
        ("no JSON", signed(b"nonsense")),
        ("a list", signed(b"[]")),
        ("no job", signed(b"{\"action\":\"queued\"}")),
        ("nothing", signed(b"")),
        ("a form without a payload", {
            let form = "application/x-www-form-urlencoded";
            signed(b"a=b").without("content-type").header("content-type", form)
        }),
    ]
}

#[test]
fn every_refusal_through_every_door_is_that_of_serve() {
    let (server, sandbox) = (Setup::new().start(), Function::new().start());
    for (what, request) in refused() {
        let expected = seen(&server.send(&request));
        assert!((400..500).contains(&expected.0), "{what}: {expected:?}");
        for door in Door::ALL {
            for as_base64 in [false, true] {
                let answer = door.answer(&sandbox.invoke(&door.event(&request, as_base64)));
                assert_eq!(seen(&answer), expected, "{what} through {door:?}");
            }
        }
    }
}

#[test]
fn a_body_beyond_githubs_limit_is_too_large_whatever_else_is_wrong_with_it() {
    let sandbox = Function::new().start();
    let large = Request::post("/webhook").body(vec![b'x'; ingest::BODY_BYTES_MAX + 1]);
    assert_eq!(sandbox.send(&large)["statusCode"], 413);
    let fits = Request::post("/webhook").body(vec![b'x'; 1]);
    assert_eq!(sandbox.send(&fits)["statusCode"], 415);
}

#[test]
fn base64_that_is_none_is_unreadable_after_all_that_comes_before() {
    let sandbox = Function::new().start();
    let whole = Job::new(1).queued().signed(SECRET);
    for (request, expected) in [
        (whole.clone().without("content-type"), 415),
        (whole.clone().without("x-hub-signature-256"), 401),
        (whole, 400),
    ] {
        let mut event = Door::HttpApi.event(&request, true);
        event["body"] = json!("%%%");
        assert_eq!(sandbox.invoke(&event)["statusCode"], expected);
    }
}

#[test]
fn without_a_secret_it_asks_to_come_back_as_serve_does() {
    let unset = ("HEADROOM_WEBHOOK_SECRET", "");
    let server = Setup::new().var(unset.0, unset.1).start();
    let sandbox = Function::new().var(unset.0, unset.1).start();
    for request in [Job::new(1).queued().signed(SECRET), Request::get("/webhook")] {
        let answer = Door::HttpApi.answer(&sandbox.send(&request));
        assert_eq!(seen(&answer), seen(&server.send(&request)));
    }
}
