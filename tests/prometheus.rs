//! `/metrics` for Prometheus, checked by its own tool.

use std::collections::BTreeSet;
use std::process::Command;

use ingest::Rejection;
use model::{Kind, catalogue as c};

use crate::world::{Job, Server, Setup, fixture, read_with, tool};

const POOL: &str = "linux,self-hosted";

/// A little of everything.
fn scripted() -> Server {
    let server = Setup::new().start();
    server.accepts(&Job::new(1).waits(7).runs(30).life());
    server.accepts(&Job::new(2).waits(400).runs(8000).life());
    server.accepts(&[Job::new(3).queued(), Job::new(4).in_progress(), Job::new(4).queued()]);
    server.deliver(&Job::new(3).queued());
    server.deliver(&fixture("push.1"));
    server.accepts(&[fixture("workflow_run.completed.1")]);
    server.send(&Job::new(5).queued().request("sha256=00"));
    server
}

#[test]
fn promtool_has_nothing_to_complain_about_before_and_after_a_story() {
    for server in [Setup::new().start(), scripted()] {
        let text = server.get("/metrics").text();
        let mut promtool = Command::new(tool("bin/promtool"));
        promtool.args(["check", "metrics"]);
        let checked = read_with(promtool, text.as_bytes());
        assert_eq!(checked.code, Some(0), "{}{}", checked.stdout, checked.stderr);
        assert_eq!((checked.stdout.as_str(), checked.stderr.as_str()), ("", ""));
    }
}

#[test]
fn the_families_are_those_of_the_catalogue_from_the_start() {
    let server = Setup::new().start();
    let kind = |kind| match kind {
        Kind::Counter => "counter",
        Kind::Level => "gauge",
        Kind::Timing => "histogram",
    };
    let expected: Vec<(String, String)> = c::ALL
        .iter()
        .filter(|spec| **spec != c::BUILD_EVENT.0)
        .map(|spec| (spec.prometheus(), kind(spec.kind).to_owned()))
        .collect();
    let found: BTreeSet<(String, String)> = server.metrics().types.into_iter().collect();
    assert_eq!(found, expected.into_iter().collect());
}

#[test]
fn the_values_are_those_of_the_story() {
    let server = scripted();
    let answer = server.get("/metrics");
    assert!(answer.header("content-type").unwrap().starts_with("text/plain; version=0.0.4"));
    let metrics = server.metrics();
    for (spec, labels, expected) in [
        (c::JOB_EVENTS.0, &[("pool", POOL), ("status", "queued")][..], 4),
        (c::JOB_EVENTS.0, &[("status", "in_progress")], 3),
        (c::JOB_EVENTS.0, &[("status", "completed")], 2),
        (c::JOB_CONCLUSIONS.0, &[("conclusion", "success")], 2),
        (c::JOB_WAIT.0, &[("pool", POOL)], 3),
        (c::JOB_DURATION.0, &[("pool", POOL)], 2),
        (c::JOBS_WAITING.0, &[("pool", POOL)], 1),
        (c::JOBS_RUNNING.0, &[("pool", POOL)], 1),
        (c::DELIVERIES_DUPLICATE.0, &[], 1),
        (c::DELIVERIES_IGNORED.0, &[], 1),
        (c::DELIVERIES_OUT_OF_ORDER.0, &[], 1),
        (c::DELIVERIES_REJECTED.0, &[], 1),
        (c::DELIVERIES_REJECTED.0, &[("reason", "signature_wrong")], 1),
        (c::RUN_EVENTS.0, &[("status", "completed")], 1),
        (c::DELIVERY_LAG.0, &[], 9),
        (c::WAITS_UNKNOWN.0, &[], 0),
    ] {
        assert_eq!(metrics.sum(spec, labels), expected, "{} {labels:?}", spec.name);
    }
    for (sample, le, expected) in [
        ("headroom_job_wait_seconds_bucket", "5", 0),
        ("headroom_job_wait_seconds_bucket", "10", 2),
        ("headroom_job_wait_seconds_bucket", "300", 2),
        ("headroom_job_wait_seconds_bucket", "600", 3),
        ("headroom_job_wait_seconds_bucket", "+Inf", 3),
        ("headroom_job_duration_seconds_bucket", "7200", 1),
    ] {
        assert_eq!(metrics.sum_of(sample, &[("le", le)]), expected, "{sample} up to {le}");
    }
    assert_eq!(metrics.sum_of("headroom_job_wait_seconds_sum", &[]), 417);
    assert_eq!(metrics.sum_of("headroom_job_duration_seconds_sum", &[]), 8030);
}

#[test]
fn every_reason_to_refuse_is_there_as_zero_so_that_its_first_rise_is_seen() {
    let metrics = Setup::new().start().metrics();
    let text = metrics.above_zero();
    assert!(text.is_empty(), "{text:?}");
    for reason in Rejection::REASONS {
        assert!(metrics.has(c::DELIVERIES_REJECTED.0, &[("reason", reason)]), "{reason}");
    }
}

#[test]
fn labels_of_any_characters_are_escaped() {
    let server = Setup::new().start();
    server.accepts(&[Job::new(1).labels(&["a\"b\\c\nd{e}", "\u{1f680}"]).queued()]);
    let mut promtool = Command::new(tool("bin/promtool"));
    promtool.args(["check", "metrics"]);
    let checked = read_with(promtool, server.get("/metrics").text().as_bytes());
    assert_eq!((checked.code, checked.stderr.as_str()), (Some(0), ""));
}
