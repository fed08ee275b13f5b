//! Who may look: everybody on this machine, beyond it whoever has the token.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::world::{Job, Request, SECRET, Server, Setup};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const GUARDED: [&str; 4] = ["/", "/api/pools", "/metrics", "/assets/app.js"];

fn beyond(token: &str) -> Server {
    Setup::new().argument("--listen=0.0.0.0:0").var("HEADROOM_TOKEN", token).start()
}

/// Whether a request with this header is let through.
fn opens(server: &Server, path: &str, name: &str, value: &str) -> bool {
    server.send(&Request::get(path).header(name, value)).status != 401
}

#[test]
fn beyond_this_machine_the_token_opens_as_bearer_and_as_password() {
    let server = beyond(TOKEN);
    let basic = |text: &str| format!("Basic {}", BASE64_STANDARD.encode(text));
    let (long, short) = (format!("{TOKEN}0"), &TOKEN[1..]);
    for path in GUARDED {
        for (header, expected) in [
            (format!("Bearer {TOKEN}"), true),
            (format!("bearer {TOKEN}"), true),
            (basic(&format!("anybody:{TOKEN}")), true),
            (basic(&format!(":{TOKEN}")), true),
            (basic(TOKEN), false),
            (basic(&format!("{TOKEN}:")), false),
            (format!("Bearer {long}"), false),
            (format!("Bearer {short}"), false),
            ("Bearer".to_owned(), false),
            ("Basic ????".to_owned(), false),
            (TOKEN.to_owned(), false),
        ] {
            assert_eq!(opens(&server, path, "authorization", &header), expected, "{path} {header}");
        }
    }
}

#[test]
fn who_has_no_token_is_told_what_to_do() {
    for server in [beyond(""), beyond(TOKEN)] {
        for path in GUARDED.into_iter().chain(["/events"]) {
            let answer = server.get(path);
            assert_eq!(answer.status, 401, "{path}");
            assert!(answer.header("www-authenticate").unwrap().starts_with("Basic realm="));
            assert!(answer.json()["remedy"].as_str().unwrap().contains("oken"), "{path}");
        }
    }
    beyond("").says("no token is set");
}

#[test]
fn webhook_and_health_never_need_the_token() {
    let server = beyond(TOKEN);
    server.accepts(&[Job::new(1).queued()]);
    for path in ["/healthz", "/readyz"] {
        assert_eq!(server.get(path).status, 200, "{path}");
    }
}

/// A tunnel or proxy that is meant for the webhook must not open the page to the world.
#[test]
fn on_loopback_a_request_for_another_host_needs_the_token_too() {
    let server = Setup::new().var("HEADROOM_TOKEN", TOKEN).start();
    for path in GUARDED {
        for (host, expected) in [
            ("localhost", true),
            ("LocalHost:9797", true),
            ("127.0.0.1:80", true),
            ("[::1]:9797", true),
            ("hooks.example.com", false),
            ("127.0.0.1.example.com", false),
            ("localhost.example.com", false),
            ("10.0.0.1:9797", false),
            ("", false),
        ] {
            assert_eq!(opens(&server, path, "host", host), expected, "{path} at {host:?}");
        }
    }
    let two = Request::get("/api/pools").header("host", "localhost");
    let two = two.header("host", "hooks.example.com");
    assert!([400, 401].contains(&server.send(&two).status), "two hosts name nobody");
    let with_token = Request::get("/api/pools").header("host", "hooks.example.com");
    let with_token = with_token.header("authorization", format!("Bearer {TOKEN}"));
    assert_eq!(server.send(&with_token).status, 200);
    let delivery = Job::new(1).queued().signed(SECRET).header("host", "hooks.example.com");
    assert_eq!(server.send(&delivery).status, 202);
}

#[test]
fn a_token_may_lie_in_a_file() {
    let setup = Setup::new().argument("--listen=0.0.0.0:0");
    setup.write("token", &format!("{TOKEN}\n"));
    let server = setup.config("[access]\ntoken_file = \"token\"").start();
    assert!(opens(&server, "/metrics", "authorization", &format!("Bearer {TOKEN}")));
    assert!(!opens(&server, "/metrics", "authorization", "Bearer token"));
}
