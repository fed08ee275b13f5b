//! What `/webhook` answers, and which fault wins when a request has several.

use serde_json::json;

use crate::world::{Delivery, Job, Request, SECRET, Server, Setup, fixture};

/// One byte more than GitHub sends at most.
const TOO_LARGE: usize = 25 * 1024 * 1024 + 1;

#[test]
fn the_first_fault_in_the_order_405_413_415_401_400_wins() {
    let server = Setup::new().start();
    let all_wrong = Request::new("PUT", "/webhook").header("content-type", "text/plain");
    let mut request = all_wrong.body(vec![b'x'; TOO_LARGE]);
    assert_eq!(server.send(&request).status, 405);
    request = request.method("POST");
    assert_eq!(server.send(&request).status, 413);
    request = request.body(*b"{");
    assert_eq!(server.send(&request).status, 415);
    request = request.without("content-type").header("content-type", "application/json");
    assert_eq!(server.send(&request).status, 401, "no signature");
    let wrong = request.clone().header("x-hub-signature-256", "sha256=00");
    assert_eq!(server.send(&wrong).status, 401, "a wrong signature");
    let unreadable = Delivery::new("workflow_job", "1", *b"{").signed(SECRET);
    assert_eq!(server.send(&unreadable).status, 400);
    let job = Job::new(1).queued();
    assert_eq!(server.deliver(&job).outcome(), "202 accepted");
}

#[test]
fn every_method_but_post_is_answered_405_and_told_which_one() {
    let server = Setup::new().start();
    for method in ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
        let answer = server.send(&Job::new(1).queued().signed(SECRET).method(method));
        assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")), "{method}");
    }
    assert!(server.pools().is_empty());
}

#[test]
fn a_body_may_be_as_large_as_github_sends_and_not_one_byte_larger() {
    let server = Setup::new().start();
    let mut delivery = Job::new(1).queued();
    delivery.body.resize(TOO_LARGE - 1, b' ');
    assert_eq!(server.deliver(&delivery).outcome(), "202 accepted");
    delivery.body.push(b' ');
    let answer = server.deliver(&delivery);
    assert_eq!(answer.status, 413);
    assert!(answer.json()["error"].as_str().unwrap().contains("25 MB"));
    assert_eq!(server.pool("linux,self-hosted").totals(), [1, 0, 0]);
}

#[test]
fn a_body_of_26_megabytes_is_refused_whether_or_not_its_length_is_announced() {
    let server = Setup::new().start();
    let mut delivery = Job::new(1).queued();
    delivery.body.resize(26_000_000 + 1024 * 1024, b' ');
    assert_eq!(server.deliver(&delivery).status, 413);
    assert_eq!(chunked(&server, &delivery).status, 413);
    assert_eq!(server.deliver(&Job::new(1).queued()).outcome(), "202 accepted");
}

#[test]
fn a_body_in_chunks_is_as_good_as_one_with_a_length() {
    let server = Setup::new().start();
    assert_eq!(chunked(&server, &Job::new(1).queued()).outcome(), "202 accepted");
}

#[test]
fn a_client_that_asks_before_it_sends_is_answered_before_it_sends() {
    let server = Setup::new().start();
    let delivery = Job::new(1).queued();
    let asking = |delivery: &Delivery| delivery.signed(SECRET).header("expect", "100-continue");
    let mut large = delivery.clone();
    large.body.resize(TOO_LARGE, b' ');
    let mut connection = server.connect();
    connection.write(&asking(&large).head()).unwrap();
    assert_eq!(connection.read().unwrap().status, 413);
    let mut connection = server.connect();
    connection.write(&asking(&delivery).head()).unwrap();
    assert_eq!(connection.read().unwrap().status, 100);
    connection.write(&delivery.body).unwrap();
    assert_eq!(connection.read().unwrap().outcome(), "202 accepted");
}

#[test]
fn a_client_that_has_said_everything_still_hears_its_answer() {
    let server = Setup::new().start();
    let mut connection = server.connect();
    connection.write(&Job::new(1).queued().signed(SECRET).bytes()).unwrap();
    connection.end_writing();
    assert_eq!(connection.read().unwrap().outcome(), "202 accepted");
}

#[test]
fn the_same_connection_takes_the_next_request_after_a_refusal() {
    let server = Setup::new().start();
    let mut connection = server.connect();
    let good = Job::new(1).queued();
    let mut large = good.clone();
    large.body.resize(TOO_LARGE, b' ');
    for (request, expected) in [
        (good.request("sha256=00"), "401"),
        (large.signed(SECRET), "413"),
        (good.signed(SECRET).header("x-more", "x".repeat(8000)), "202 accepted"),
    ] {
        assert_eq!(connection.send(&request).unwrap().outcome(), expected);
    }
}

#[test]
fn a_content_type_may_have_parameters_and_any_case_but_must_be_one_of_two() {
    let server = Setup::new().start();
    let ping = fixture("ping.1");
    for (content_type, expected) in [
        ("application/json", 200),
        ("Application/JSON; charset=utf-8", 200),
        ("application/json ;x=y", 200),
        ("text/json", 415),
        ("application/cloudevents+json", 415),
        ("multipart/form-data; boundary=x", 415),
        ("", 415),
    ] {
        let delivery = Delivery { content_type: content_type.into(), ..ping.clone() };
        assert_eq!(server.deliver(&delivery).status, expected, "{content_type:?}");
    }
    let none = ping.signed(SECRET).without("content-type");
    assert_eq!(server.send(&none).status, 415);
}

#[test]
fn what_is_signed_and_unreadable_is_answered_400_and_told_why() {
    let server = Setup::new().start();
    let job = Job::new(1).queued();
    let of = |event: &str, body: &[u8]| Delivery::new(event, "1", body);
    for (delivery, why) in [
        (of("workflow_job", b""), "payload"),
        (of("workflow_job", b"[]"), "payload"),
        (of("workflow_job", br#"{"action":"queued"}"#), "workflow_job"),
        (of("workflow_job", br#"{"action":"queued","workflow_job":{"id":"x"}}"#), "payload"),
        (of("workflow_run", b"{}"), "action"),
        (of("push", b"{"), "payload"),
        (of("ping", b"null"), "payload"),
        (of("push", b"\xff\xfe"), "UTF-8"),
        (of("", b"{}"), "X-GitHub-Event"),
        (job.again_as(""), "X-GitHub-Delivery"),
        (job.again_as("two words"), "X-GitHub-Delivery"),
        (job.again_as(&"x".repeat(129)), "X-GitHub-Delivery"),
    ] {
        let answer = server.deliver(&delivery);
        let error = answer.json()["error"].as_str().unwrap().to_owned();
        assert_eq!(answer.status, 400, "{error}");
        assert!(error.contains(why), "{error:?} does not speak of {why:?}");
    }
    for header in ["x-github-event", "x-github-delivery"] {
        for delivery in [job.clone(), fixture("push.1"), fixture("ping.1")] {
            let request = delivery.signed(SECRET).without(header);
            assert_eq!(server.send(&request).status, 400, "{} without {header}", delivery.event);
        }
    }
    assert!(server.pools().is_empty(), "nothing of it became a job");
}

#[test]
fn without_a_secret_the_webhook_asks_to_come_back_and_the_page_tells_the_remedy() {
    let server = Setup::new().var("HEADROOM_WEBHOOK_SECRET", "").start();
    let answer = server.send(&Job::new(1).queued().signed(SECRET));
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("60")));
    assert!(answer.text().contains("HEADROOM_WEBHOOK_SECRET"), "{}", answer.text());
    assert_eq!(server.get("/webhook").status, 405, "the method is looked at first");
    let page = server.get("/");
    assert!(page.status == 200 && page.text().contains("HEADROOM_WEBHOOK_SECRET"));
    let ready = server.get("/readyz");
    assert_eq!((ready.status, &ready.json()["ready"]), (503, &json!(false)));
    assert_eq!(server.get("/healthz").status, 200);
    server.says("no webhook secret");
}

#[test]
fn with_a_secret_it_is_ready_and_says_hello_back() {
    let server = Setup::new().start();
    let ready = server.get("/readyz");
    assert_eq!((ready.status, &ready.json()["ready"]), (200, &json!(true)));
    assert_eq!(server.deliver(&fixture("ping.1")).outcome(), "200 pong");
    assert_eq!(server.get("/nowhere").status, 404);
}

/// Sends the body in chunks of odd sizes.
fn chunked(server: &Server, delivery: &Delivery) -> crate::world::Answer {
    let request = delivery.signed(SECRET).header("transfer-encoding", "chunked");
    let mut bytes = request.head();
    for chunk in delivery.body.chunks(99_991) {
        bytes.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    let mut connection = server.connect();
    connection.write(&bytes).unwrap();
    connection.read().unwrap()
}
