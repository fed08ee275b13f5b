//! An App proves who it is, and asks for a token only when it needs one.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use github::{AppKey, KeyError};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::{Value, json};

use crate::world::{APP, KEY, NOW, World};

const PUBLIC: &[u8] = include_bytes!("../../../tests/fixtures/github/app-key.public.der");
const PKCS8: &[u8] = include_bytes!("../../../tests/fixtures/github/app-key.pkcs8.pem");

/// The claims of a token that the public key proves.
fn claims(bearer: &str) -> Value {
    let token = bearer.strip_prefix("Bearer ").unwrap();
    let (text, signature) = token.rsplit_once('.').unwrap();
    let decoded = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).unwrap();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, PUBLIC);
    public.verify(text.as_bytes(), &decoded(signature)).unwrap();
    let (head, claims) = text.split_once('.').unwrap();
    let head: Value = serde_json::from_slice(&decoded(head)).unwrap();
    assert_eq!(head, json!({ "alg": "RS256", "typ": "JWT" }));
    serde_json::from_slice(&decoded(claims)).unwrap()
}

fn token_until(after: Duration) -> Value {
    json!({ "token": "ghs_of_the_installation", "expires_at": NOW.plus(after).to_string() })
}

#[test]
fn it_finds_its_installation_and_asks_with_its_token_until_that_expires() {
    let world = World::start();
    let mut github = world.by_app(None);
    let hour = Duration::from_hours(1);
    world.answers(200, "", &json!({ "id": 42 }));
    world.answers(201, "", &token_until(hour));
    let no_runners = json!({ "total_count": 0, "runners": [] });
    world.answers(200, "", &no_runners).answers(200, "", &no_runners);
    github.runners(NOW).unwrap();
    github.runners(NOW.plus(Duration::from_mins(54))).unwrap();
    world.answers(201, "", &token_until(2 * hour)).answers(200, "", &no_runners);
    github.runners(NOW.plus(Duration::from_mins(56))).unwrap();

    let runners = "GET /api/v3/orgs/acme/actions/runners?per_page=100";
    let token = "POST /api/v3/app/installations/42/access_tokens";
    let asked = world.asked();
    let lines: Vec<&str> = asked.iter().map(|asked| asked.line.as_str()).collect();
    let installation = "GET /api/v3/orgs/acme/installation";
    assert_eq!(lines, [installation, token, runners, runners, token, runners]);
    assert_eq!(asked[2].header("authorization"), "Bearer ghs_of_the_installation");
    assert_eq!(asked[2].header("x-github-api-version"), "2022-11-28");
    assert_eq!(asked[2].header("accept"), "application/vnd.github+json");
    let claims = claims(asked[0].header("authorization"));
    let secs = |name: &str| claims[name].as_i64().unwrap() - NOW.as_secs();
    assert_eq!((claims["iss"].as_str(), secs("iat")), (Some(APP), -60));
    assert!((60..600).contains(&secs("exp")), "GitHub takes ten minutes at most");
}

#[test]
fn a_token_that_was_taken_back_is_replaced_once() {
    let world = World::start();
    let mut github = world.by_app(Some(42));
    let no_runners = json!({ "total_count": 0, "runners": [] });
    let refused = json!({ "message": "Bad credentials" });
    let token = || token_until(Duration::from_hours(1));
    world.answers(201, "", &token()).answers(200, "", &no_runners);
    github.runners(NOW).unwrap();
    world.answers(401, "", &refused).answers(201, "", &token()).answers(200, "", &no_runners);
    github.runners(NOW).unwrap();
    world.answers(401, "", &refused).answers(201, "", &token()).answers(401, "", &refused);
    github.runners(NOW).unwrap_err();
    assert_eq!(world.lines().len(), 8, "the new one is not asked for again and again");
}

#[test]
fn a_key_is_taken_in_both_forms_and_never_shown() {
    for pem in [KEY, PKCS8] {
        let key = AppKey::new(APP, pem).unwrap();
        assert_eq!(format!("{key:?}"), format!("the key of the App {APP}"));
    }
    assert_eq!(AppKey::new(APP, b"MIIE").unwrap_err(), KeyError::NoKey);
    let half = String::from_utf8(KEY.to_vec()).unwrap().replace("MII", "AAA");
    let error = AppKey::new(APP, half.as_bytes()).unwrap_err();
    assert!(matches!(error, KeyError::Unusable { .. }), "{error}");
    let world = World::start();
    let shown = format!("{:?} {:?}", world.by_token(), world.by_app(Some(1)));
    assert!(!shown.contains("ghp_secret") && !shown.contains("BEGIN"), "{shown}");
}
