//! What goes wrong is said with what would help, and nothing secret.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use github::{Credentials, Token, Why};
use serde_json::{Value, json};

use crate::world::{NOW, World, at, organization};

/// What is said when everything is answered so.
fn error(status: u16, head: &str, body: &Value) -> github::GitHubError {
    let world = World::start();
    world.answers(status, head, body);
    world.by_token().runners(NOW).unwrap_err()
}

fn message(text: &str) -> Value {
    json!({ "message": text, "documentation_url": "https://docs.github.com" })
}

#[test]
fn each_refusal_says_what_was_asked_and_what_helps() {
    let permission = "x-accepted-github-permissions: organization_self_hosted_runners=read\r\n";
    for (status, head, said, expected) in [
        (401, "", "Bad credentials", "do not prove who asks"),
        (403, permission, "Resource not accessible", "organization_self_hosted_runners=read"),
        (404, "", "Not Found", "not installed"),
        (502, "", "Server Error", "no answer: 502"),
        (418, "", "tea", "418, tea"),
    ] {
        let error = error(status, head, &message(said)).to_string();
        assert!(error.starts_with("GitHub, GET /orgs/acme/actions/runners: "), "{error}");
        assert!(error.contains(expected) && !error.contains("ghp_"), "{error}");
    }
}

#[test]
fn a_limit_says_until_when() {
    let later = |secs| Some(NOW.plus(Duration::from_secs(secs)));
    let reset = NOW.as_secs() + 900;
    let used_up = format!("x-ratelimit-remaining: 0\r\nx-ratelimit-reset: {reset}\r\n");
    let secondary = message("You have exceeded a secondary rate limit.");
    for (status, head, body, until) in [
        (403, used_up.as_str(), &message("API rate limit exceeded"), later(900)),
        (429, "retry-after: 30\r\n", &message("slow down"), later(30)),
        (403, "", &secondary, later(60)),
        (429, "", &message(""), later(60)),
        (403, "", &message("Resource not accessible"), None),
    ] {
        assert_eq!(error(status, head, body).limited_until(), until, "{status} {head}");
    }
}

#[test]
fn what_is_left_is_known_from_every_answer() {
    let world = World::start();
    let reset = NOW.as_secs() + 60;
    let head = format!(
        "x-ratelimit-limit: 5000\r\nx-ratelimit-remaining: 4999\r\nx-ratelimit-reset: {reset}\r\n"
    );
    world.answers(200, &head, &json!({ "runners": [] })).answers(
        200,
        "",
        &json!({ "runners": [] }),
    );
    let mut github = world.by_token();
    assert_eq!(github.rate(), None);
    github.runners(NOW).unwrap();
    github.runners(NOW).unwrap();
    let rate = github.rate().unwrap();
    assert_eq!((rate.limit, rate.remaining, rate.reset.as_secs()), (5000, 4999, reset));
}

#[test]
fn an_odd_answer_is_not_repeated_and_none_is_no_answer() {
    let odd = error(200, "", &json!({ "runners": "hunter2" }));
    assert!(matches!(odd.why, Why::Odd { .. }) && !odd.to_string().contains("hunter2"), "{odd}");
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let mut github = at(nobody, Credentials::Token(Token("ghp_secret".into())), organization());
    let error = github.runners(NOW).unwrap_err();
    let said = error.to_string();
    assert!(matches!(error.why, Why::NoAnswer { .. }) && !said.contains("ghp_"), "{said}");
}
