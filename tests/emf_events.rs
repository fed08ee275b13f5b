//! `[emf] per = "event"`: one line an event, findable by what it carries, and levels by the minute.

use std::collections::BTreeSet;

use model::catalogue as c;
use model::price::sample;
use serde_json::Value;

use crate::world::{Emf, Job, Server, Setup, fixture, lint};

fn start() -> Server {
    Setup::new().config("[emf]\nto = \"stdout\"\nper = \"event\"").start()
}

#[track_caller]
fn end(server: Server) -> Emf {
    let text = server.stop().stdout;
    let linted = lint(&text);
    assert_eq!((linted.code, linted.stdout.as_str()), (Some(0), ""), "{}", linted.stderr);
    Emf::read(&text)
}

#[test]
fn each_event_is_one_line_of_scalars_with_its_properties() {
    let server = start();
    server.accepts(&Job::new(4711).name("deploy \u{1f680}").life());
    let emf = end(server);
    let events: Vec<&Value> = emf.values(c::JOB_EVENTS.0.name).collect();
    assert_eq!(events.len(), 3);
    for line in events {
        assert_eq!((line["job_id"].as_u64(), line["run_attempt"].as_u64()), (Some(4711), Some(1)));
        assert_eq!(line["job_name"], "deploy \u{1f680}", "a property may hold anything");
        assert_eq!(line["labels"], serde_json::json!(["linux", "self-hosted"]));
        assert!(line["delivery"].as_str().unwrap().contains("-4000-8000-"));
        assert_eq!(line[c::JOB_EVENTS.0.name], 1);
    }
    assert_eq!(emf.values(c::JOB_WAIT.0.name).next().unwrap()[c::JOB_WAIT.0.name], 10);
}

#[test]
fn what_no_event_tells_is_written_all_the_same() {
    let server = start();
    let job = Job::new(1);
    server.accepts(&[job.queued(), fixture("workflow_run.completed.1")]);
    server.deliver(&job.queued());
    server.deliver(&fixture("push.1"));
    server.send(&job.queued().request("sha256=00"));
    let emf = end(server);
    assert_eq!(emf.sum(c::RUN_EVENTS.0, &[("Status", "completed")]), 1);
    assert_eq!(emf.sum(c::DELIVERIES_DUPLICATE.0, &[]), 1);
    assert_eq!(emf.sum(c::DELIVERIES_IGNORED.0, &[]), 1);
    assert_eq!(emf.sum(c::DELIVERIES_REJECTED.0, &[("Reason", "signature_wrong")]), 1);
    assert!(emf.values(c::JOBS_WAITING.0.name).count() > 0, "levels are of no event");
    assert_eq!(emf.sum(c::JOB_EVENTS.0, &[]), 1, "no minute repeats what its events told");
}

/// The price estimate and the documentation speak of these properties.
#[test]
fn the_properties_of_a_line_are_those_that_the_sample_promises() {
    let server = start();
    server.accepts(&Job::new(1).life());
    let emf = end(server);
    let dimensions = ["_aws", "Pool", "Status", "Conclusion"];
    let is_metric = |name: &str| c::by_name(name).is_some();
    let found: BTreeSet<&str> = emf
        .values(c::JOB_EVENTS.0.name)
        .flat_map(|line| line.as_object().unwrap().keys())
        .map(String::as_str)
        .filter(|name| !dimensions.contains(name) && !is_metric(name))
        .collect();
    let promised: BTreeSet<&str> = sample::properties().map(|(name, _)| name).collect();
    assert_eq!(found, promised);
}
