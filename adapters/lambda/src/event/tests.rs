//! Events of every door and of none.

use serde_json::{Value, json};

use super::*;

fn read(event: &Value) -> Event {
    serde_json::from_str(&event.to_string()).unwrap()
}

fn sent(body: &str, is_base64: bool) -> Sent {
    let mut headers = Headers::default();
    for (name, value) in [
        ("x-github-event", "ping"),
        ("x-github-delivery", "d-1"),
        ("x-hub-signature-256", "sha256=00"),
        ("content-type", "application/json"),
    ] {
        *headers.slot(name).unwrap() = Some(value.to_owned());
    }
    Sent { headers, body: body.to_owned(), is_base64 }
}

fn headers(of: impl Fn(&str) -> Value) -> Value {
    json!({
        "Host": of("example.org"), "X-GitHub-Event": of("ping"), "x-github-delivery": of("d-1"),
        "X-HUB-SIGNATURE-256": of("sha256=00"), "Content-Type": of("application/json"),
    })
}

fn plain(text: &str) -> Value {
    json!(text)
}

fn list(text: &str) -> Value {
    json!([text, "a later one"])
}

#[track_caller]
fn check(event: &Value, door: Door) {
    let expected = Http { door, method: "POST".into(), sent: sent("{\"zen\":\"\u{fc}\"}", false) };
    assert_eq!(read(event), Event::Http(expected), "{event}");
}

#[test]
fn every_door_gives_the_same_request() {
    let body = "{\"zen\":\"\u{fc}\"}";
    let version_2 = json!({
        "version": "2.0", "rawPath": "/webhook", "headers": headers(plain), "body": body,
        "requestContext": {"http": {"method": "POST", "path": "/webhook"}, "stage": "$default"},
        "isBase64Encoded": false,
    });
    check(&version_2, Door::Gateway);
    let version_1 = json!({
        "resource": "/webhook", "httpMethod": "POST", "headers": headers(|_| json!("a later one")),
        "multiValueHeaders": headers(list), "requestContext": {"identity": {}, "httpMethod": "POST"},
        "body": body, "isBase64Encoded": false,
    });
    check(&version_1, Door::Gateway);
    let balancer = json!({
        "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:x"}},
        "httpMethod": "POST", "path": "/webhook", "headers": headers(plain), "body": body,
        "isBase64Encoded": false,
    });
    check(&balancer, Door::LoadBalancer { multi_value: false });
    let mut lists = balancer;
    lists["headers"] = Value::Null;
    lists["multiValueHeaders"] = headers(list);
    check(&lists, Door::LoadBalancer { multi_value: true });
}

#[test]
fn a_queued_message_has_its_headers_as_attributes_or_wrapped_around_the_body() {
    let attribute = |text: &str| json!({"stringValue": text, "dataType": "String"});
    let raw = json!({
        "messageId": "m-1", "eventSource": "aws:sqs", "body": "{}",
        "messageAttributes": headers(attribute),
    });
    let wrapped = json!({"headers": headers(plain), "body": "e30=", "isBase64Encoded": true});
    let wrapped = json!({
        "messageId": "m-2", "eventSource": "aws:sqs", "body": wrapped.to_string(),
        "messageAttributes": {},
    });
    let Event::Queue(messages) = read(&json!({"Records": [raw, wrapped]})) else { panic!() };
    assert_eq!(messages[0], Message { id: "m-1".into(), sent: sent("{}", false) });
    assert_eq!(messages[1], Message { id: "m-2".into(), sent: sent("e30=", true) });
    assert_eq!(messages[1].sent.bytes().unwrap().as_ref(), b"{}");
}

#[test]
fn the_content_type_of_a_queued_message_may_be_left_out() {
    for (body, expected) in
        [("{}", "application/json"), ("payload=%7B%7D", "application/x-www-form-urlencoded")]
    {
        let attributes = json!({"X-GitHub-Event": {"stringValue": "ping"}});
        let record = json!({
            "messageId": "m", "eventSource": "aws:sqs", "body": body, "messageAttributes": attributes,
        });
        let Event::Queue(messages) = read(&json!({"Records": [record]})) else { panic!() };
        assert_eq!(messages[0].sent.request(b"").content_type, Some(expected));
    }
}

#[test]
fn an_event_of_another_kind_is_unknown_and_never_an_error() {
    for event in [
        json!(null),
        json!(7),
        json!("text"),
        json!([1, {"httpMethod": "POST"}]),
        json!({}),
        json!({"httpMethod": 7}),
        json!({"requestContext": [], "body": {}, "headers": "x"}),
        json!({"requestContext": {"http": "POST"}}),
        json!({"Records": [{"eventSource": "aws:s3"}]}),
        json!({"Records": ["x", null]}),
        json!({"source": "aws.events", "detail": {}}),
    ] {
        assert_eq!(read(&event), Event::Unknown, "{event}");
    }
}

#[test]
fn members_of_another_type_count_as_missing() {
    let event = json!({
        "httpMethod": "POST", "headers": [1], "multiValueHeaders": {"x-github-event": []},
        "body": {"a": [1.5, true]}, "isBase64Encoded": "true", "Records": {},
    });
    let Event::Http(http) = read(&event) else { panic!() };
    assert_eq!(http.sent, Sent::default());
}

#[test]
fn a_header_that_no_server_hands_on_counts_as_missing() {
    let mut sent = sent("", false);
    *sent.headers.slot("X-GitHub-Event").unwrap() = Some("w\u{f6}rk".into());
    assert_eq!(sent.request(b"").event, None);
}
