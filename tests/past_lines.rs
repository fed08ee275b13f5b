//! What stands in files beside the lines that are wanted, and files that end half-way.

use std::fs;

use serde_json::json;

use crate::world::{Delivery, Ended, Job, NINE, Setup, headroom_in};

fn run(setup: &Setup, arguments: &[&str], stdin: &[u8]) -> Ended {
    headroom_in(setup.home(), &[], arguments, stdin)
}

fn keeping_all() -> Setup {
    Setup::new().config("[retention]\njobs_days = 36500\nseries_days = 36500\n")
}

/// Webhooks of so many jobs, as a recorder writes them.
fn recorded(jobs: std::ops::RangeInclusive<u64>) -> String {
    let line = |delivery: Delivery| {
        let body = String::from_utf8(delivery.body).unwrap();
        let headers = json!({"X-GitHub-Event": [delivery.event]});
        json!({"headers": headers, "body": body, "received_at": NINE}).to_string() + "\n"
    };
    jobs.flat_map(|id| Job::new(id).life()).map(line).collect()
}

#[test]
fn an_export_of_a_log_group_holds_more_than_our_lines() {
    let (first, second) = (keeping_all(), keeping_all());
    assert_eq!(run(&first, &["import", "-"], recorded(1..=3).as_bytes()).code, Some(0));
    let ours = run(&first, &["export", "--format", "emf"], b"").stdout;
    let mut log = "2026-01-05T09:00:00.000Z START RequestId: 1\n".to_owned();
    for line in ours.lines() {
        log += &format!("2026-01-05T09:00:00.000Z {line}\n{{\"_aws\":{{\"Timestamp\":1}}}}\n");
    }
    let ended = run(&second, &["import", "-"], log.as_bytes());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let expected = "9 new events of jobs, 3 new jobs, 0 events known before, 10 lines that are not";
    assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    assert_eq!(run(&second, &["export", "--format", "emf"], b"").stdout, ours);
}

#[test]
fn a_file_that_ends_half_way_is_imported_until_there_and_can_be_repeated() {
    let setup = keeping_all();
    let whole = recorded(1..=300);
    setup.write("whole.ndjson", &whole);
    let mut gzip = std::process::Command::new("gzip");
    gzip.arg("-c").arg(setup.path("whole.ndjson"));
    let packed = gzip.output().unwrap().stdout;
    fs::write(setup.path("cut.gz"), &packed[..packed.len() / 2]).unwrap();
    fs::write(setup.path("whole.gz"), &packed).unwrap();
    let cut = run(&setup, &["import", "cut.gz"], b"");
    assert_eq!(cut.code, Some(3), "{}", cut.stderr);
    assert!(cut.stderr.contains("cut.gz after line "), "{}", cut.stderr);
    let again = run(&setup, &["import", "whole.gz"], b"");
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert!(!again.stderr.contains(" 0 events known before"), "{}", again.stderr);
    assert_eq!(setup.start().pool("linux,self-hosted").totals(), [300, 300, 300]);
}

#[test]
fn an_export_replaces_a_file_whole_or_not_at_all() {
    let setup = keeping_all();
    setup.write("jobs.csv", "precious");
    let nothing = run(&setup, &["export", "--format", "trace", "--out", "jobs.csv"], b"");
    assert_eq!(nothing.code, Some(3), "there is no store yet: {}", nothing.stderr);
    assert_eq!(fs::read_to_string(setup.path("jobs.csv")).unwrap(), "precious");
    run(&setup, &["import", "-"], recorded(1..=2).as_bytes());
    let ended = run(&setup, &["export", "--format", "trace", "--out", "jobs.csv"], b"");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""), "{}", ended.stderr);
    assert_eq!(fs::read_to_string(setup.path("jobs.csv")).unwrap().lines().count(), 3);
}
