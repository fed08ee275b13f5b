//! Secrets and tokens leave the process by no door.

use std::fs;

use crate::world::{Job, Request, Setup, headroom_in};

const FIRST: &str = "first-hush-4f1e";
const NEXT: &str = "next-hush-77ab";
const TOKEN: &str = "token-hush-0123456789";

fn is_silent(what: &str, text: &str) {
    for secret in [FIRST, NEXT, TOKEN] {
        assert!(!text.contains(secret), "{what} tells {secret}: {text}");
    }
}

#[test]
fn no_secret_is_in_any_log_page_metric_answer_or_file() {
    let setup = Setup::new()
        .var("HEADROOM_WEBHOOK_SECRET", FIRST)
        .var("HEADROOM_WEBHOOK_SECRET_NEXT", NEXT)
        .var("HEADROOM_TOKEN", TOKEN)
        .var("HEADROOM_LOG", "trace")
        .argument("--emf=stdout");
    let server = setup.start();
    let job = Job::new(1);
    server.accepts(&job.life());
    let token = format!("Bearer {TOKEN}");
    for request in [
        job.queued().request("sha256=00"),
        job.queued().again_as("").signed(FIRST),
        job.queued().signed(NEXT),
        Request::get("/"),
        Request::get("/metrics"),
        Request::get("/api/pools"),
        Request::get("/readyz"),
        Request::get("/webhook"),
        Request::get("/").header("host", "example.com"),
        Request::get("/").header("host", "example.com").header("authorization", &token),
        Request::get("/").header("host", "example.com").header("authorization", "Bearer wrong"),
    ] {
        let answer = server.send(&request);
        is_silent("an answer", &format!("{:?} {}", answer.headers, answer.text()));
    }
    let ended = server.stop();
    assert!(ended.stderr.lines().count() > 2 && ended.stdout.contains("_aws"));
    is_silent("the log", &ended.stderr);
    is_silent("stdout", &ended.stdout);
    for file in fs::read_dir(setup.home()).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        is_silent("a file", &String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn doctor_and_errors_name_secrets_without_telling_them() {
    let folder = tempfile::tempdir().unwrap();
    let vars = [
        ("HEADROOM_WEBHOOK_SECRET", FIRST),
        ("HEADROOM_WEBHOOK_SECRET_NEXT", NEXT),
        ("HEADROOM_TOKEN", TOKEN),
        ("HEADROOM_LOG", "trace"),
    ];
    for arguments in [&["doctor"][..], &["doctor", "--format=json"], &["serve", "--store=a/b/c"]] {
        let ended = headroom_in(folder.path(), &vars, arguments, b"");
        is_silent("stdout", &ended.stdout);
        is_silent("stderr", &ended.stderr);
    }
}
