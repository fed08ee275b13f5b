//! `headroom doctor`: a finding for each thing that can be wrong, a remedy for each finding.

use serde_json::Value;

use crate::world::{
    Ended, Job, SECRET, Setup, bound_by_permissions, headroom_in, headroom_through, with_layout,
};

/// Runs doctor as the setup's server would run.
fn doctor(setup: &Setup, secret: &str, more: &[&str]) -> Ended {
    let vars = [("HEADROOM_WEBHOOK_SECRET", secret)];
    headroom_in(setup.home(), &vars, &[&["doctor", "--format=json"], more].concat(), b"")
}

/// Verdict and remedy of one check.
#[track_caller]
fn verdict(ended: &Ended, check: &str) -> (String, String) {
    let findings: Vec<Value> = serde_json::from_str(&ended.stdout).unwrap();
    let finding = findings.iter().find(|finding| finding["check"] == check);
    let finding = finding.unwrap_or_else(|| panic!("no {check} in {findings:#?}"));
    let text = |key: &str| finding[key].as_str().unwrap().to_owned();
    assert_eq!(text("verdict") == "ok", text("remedy").is_empty(), "{finding}");
    (text("verdict"), text("remedy"))
}

#[test]
fn before_the_first_start_only_the_secret_is_missing() {
    let setup = Setup::new();
    let without = doctor(&setup, "", &[]);
    assert_eq!(without.code, Some(1));
    let (secret, remedy) = verdict(&without, "secret");
    assert!(secret == "error" && remedy.contains("HEADROOM_WEBHOOK_SECRET"), "{remedy}");
    let with = doctor(&setup, SECRET, &[]);
    assert_eq!((with.code, with.stderr.as_str()), (Some(0), ""));
    for check in ["configuration", "secret", "access", "clock", "scaler", "store", "server"] {
        assert_eq!(verdict(&with, check).0, "ok", "{check}");
    }
    assert!(!setup.store().exists(), "looking leaves nothing behind");
}

#[test]
fn news_are_judged_by_their_age() {
    let server = Setup::new().start();
    let none = doctor(&server.setup, SECRET, &[]);
    assert_eq!((none.code, verdict(&none, "news").0.as_str()), (Some(0), "warning"));
    server.accepts(&[Job::new(1).queued()]);
    assert_eq!(verdict(&doctor(&server.setup, SECRET, &[]), "news").0, "warning", "it is old");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = model::Timestamp::from_secs(now.as_secs().cast_signed());
    server.accepts(&[Job::new(2).created_at(now).queued()]);
    let fresh = doctor(&server.setup, SECRET, &[&format!("--listen={}", server.address)]);
    assert_eq!(verdict(&fresh, "news").0, "ok");
    assert!(fresh.stdout.contains("ready"), "{}", fresh.stdout);
}

#[test]
fn a_store_that_cannot_be_used_is_an_error_with_its_own_remedy() {
    let server = Setup::new().start();
    let setup = server.setup.clone();
    server.stop();
    with_layout(&setup.store(), 99);
    let newer = doctor(&setup, SECRET, &[]);
    assert_eq!((newer.code, verdict(&newer, "store").1.contains("newer")), (Some(1), true));
    setup.write("other.db", &"no database ".repeat(100));
    for store in ["--store=other.db", "--store=nowhere/headroom.db"] {
        let ended = doctor(&setup, SECRET, &[store]);
        assert_eq!(
            (ended.code, verdict(&ended, "store").0.as_str()),
            (Some(1), "error"),
            "{store}"
        );
    }
}

#[test]
fn a_folder_that_takes_no_files_and_a_store_that_is_one_are_errors() {
    let setup = Setup::new();
    std::fs::create_dir(setup.store()).unwrap();
    let (found, remedy) = verdict(&doctor(&setup, SECRET, &[]), "store");
    assert!(found == "error" && remedy.contains("name a file within it"), "{remedy}");
    std::fs::create_dir(setup.path("kept")).unwrap();
    for (path, mode, expected) in [("kept", 0o555, "error"), ("kept", 0o755, "ok")] {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
        std::fs::set_permissions(setup.path(path), mode).unwrap();
        let vars = [("HEADROOM_WEBHOOK_SECRET", SECRET)];
        let line = ["doctor", "--format=json", "--store=kept/h.db"];
        let through = bound_by_permissions(setup.home());
        let ended = headroom_through(&through, setup.home(), &vars, &line, b"");
        assert_eq!(verdict(&ended, "store").0, expected, "{}", ended.stdout);
    }
    assert_eq!(std::fs::read_dir(setup.path("kept")).unwrap().count(), 0, "nothing is left behind");
    setup.write("empty.db", "");
    assert_eq!(verdict(&doctor(&setup, SECRET, &["--store=empty.db"]), "store").0, "ok");
}

#[test]
fn what_runs_at_the_address_is_asked_whether_it_is_ready() {
    let ready = Setup::new().start();
    let no_secret = Setup::new().var("HEADROOM_WEBHOOK_SECRET", "").start();
    let stranger = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let elsewhere = Setup::new();
    let asks = |address: std::net::SocketAddr| {
        doctor(&elsewhere, SECRET, &[&format!("--listen={address}")])
    };
    assert_eq!(verdict(&asks(ready.address), "server").0, "ok");
    let other = asks(no_secret.address);
    assert_eq!(verdict(&other, "server").0, "error");
    assert!(other.stdout.contains("not ready: secret: missing"), "{}", other.stdout);
    assert_eq!(verdict(&asks(stranger.local_addr().unwrap()), "server").0, "warning");
}

#[test]
fn a_wrong_configuration_is_a_finding_and_an_open_address_a_warning() {
    let wrong = doctor(&Setup::new().config("listn = 1"), SECRET, &[]);
    assert_eq!((wrong.code, verdict(&wrong, "configuration").0.as_str()), (Some(1), "error"));
    assert!(wrong.stdout.contains("listn"), "{}", wrong.stdout);
    let open = doctor(&Setup::new(), SECRET, &["--listen=0.0.0.0:1"]);
    assert_eq!((open.code, verdict(&open, "access").0.as_str()), (Some(0), "warning"));
}

#[test]
fn the_table_for_people_says_the_same() {
    let setup = Setup::new();
    let ended = headroom_in(setup.home(), &[], &["doctor"], b"");
    assert_eq!(ended.code, Some(1));
    let line = ended.stdout.lines().find(|line| line.contains("secret")).unwrap();
    assert!(line.starts_with("error"), "{}", ended.stdout);
    assert!(ended.stdout.contains("\nsecret: set HEADROOM_WEBHOOK_SECRET"), "{}", ended.stdout);
}
