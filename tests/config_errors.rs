//! A wrong configuration: exit code 2, and which file, line and key.

use crate::world::Setup;

#[test]
fn a_wrong_configuration_names_file_line_and_key_and_starts_nothing() {
    for (text, expected) in [
        ("\nlistn = \"x\"", &["headroom.toml", "line 2", "listn", "listen"][..]),
        ("listen = \"localhost\"", &["headroom.toml", "line 1", "listen"]),
        ("store = 7", &["headroom.toml", "line 1", "store"]),
        ("[[pool]]\nname = \"a\"\nlabels = \"x\"", &["headroom.toml", "line 3", "labels"]),
        ("[[pool]]\nlabels = [\"x\"]", &["headroom.toml", "line 1", "name"]),
        ("[[pool]]\nname = \"other\"\nlabels = [\"x\"]", &["pool 1", "reserved"]),
        ("[[pool]]\nname = \"\u{fc}\"\nlabels = [\"x\"]", &["pool 1", "name", "ASCII"]),
        ("[emf]\nroll_ups = [\"job\"]", &["headroom.toml", "line 2", "job", "repository"]),
        ("[emf]\nform = \"list\"", &["headroom.toml", "line 2", "list", "histogram"]),
        ("[retention]\nseries_days = 0", &["retention.series_days", "8 days"]),
        ("[webhook]\nsecret = \"x\"", &["headroom.toml", "line 2", "secret"]),
        ("[webhook]\nsecret_files = [\"nowhere\"]", &["nowhere"]),
        ("[access]\ntoken_file = \"nowhere\"", &["nowhere"]),
        ("this is no TOML", &["headroom.toml", "line 1"]),
    ] {
        let setup = Setup::new().config(text);
        let ended = setup.fails();
        assert_eq!(ended.code, Some(2), "{text:?}: {}", ended.stderr);
        for part in expected {
            assert!(ended.stderr.contains(part), "{text:?}: no {part:?} in {}", ended.stderr);
        }
        assert!(!setup.store().exists(), "{text:?} left a store behind");
    }
}

#[cfg(not(feature = "aws"))]
#[test]
fn groups_of_aws_are_scaled_by_a_build_that_has_it_and_nothing_is_started() {
    let pool = "[[pool]]\nname = \"a\"\nlabels = [\"x\"]\ngroup = \"runners\"";
    let setup = Setup::new().config(&format!("[scaler]\nmode = \"act\"\n{pool}"));
    let ended = setup.fails();
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("cargo build --release --features aws"), "{}", ended.stderr);
    assert!(!setup.store().exists());
}

#[test]
fn a_configuration_that_is_named_must_be_there() {
    let ended = Setup::new().argument("--config=missing.toml").fails();
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("missing.toml"), "{}", ended.stderr);
}

#[test]
fn a_third_secret_and_a_short_token_are_refused_and_not_repeated() {
    let third = Setup::new().var("HEADROOM_WEBHOOK_SECRET_NEXT", "the-second-secret");
    third.write("third", "the-third-secret");
    let third = third.config("[webhook]\nsecret_files = [\"third\"]");
    let token = Setup::new().var("HEADROOM_TOKEN", "too-short");
    for (setup, expected) in [(third, "at most 2"), (token, "at least 16 characters")] {
        let ended = setup.fails();
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
        for secret in ["-secret", "too-short"] {
            assert!(!ended.stderr.contains(secret), "{}", ended.stderr);
        }
    }
}

#[test]
fn a_flag_wins_over_the_file() {
    let setup = Setup::new().config("listen = \"127.0.0.1:1\"\nstore = \"file.db\"");
    let server = setup.argument("--store=flag.db").start();
    assert!(server.setup.path("flag.db").exists() && !server.setup.path("file.db").exists());
    assert_ne!(server.address.port(), 1);
}
