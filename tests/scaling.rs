//! The scaler in a real server: decides at once, explains itself, holds on what it does not know,
//! and in a dry run changes nothing.

use serde_json::Value;

use crate::world::{Job, Server, Setup, locked, until};

/// Looks so seldom that whatever happens is because of an event.
const EVENTS_ONLY: &str = "[scaler]\ntick_secs = 3600\n";

fn decisions(server: &Server, query: &str) -> Vec<Value> {
    let answer = server.get(&format!("/api/decisions{query}"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let all: Value = serde_json::from_slice(&answer.body).unwrap();
    all["decisions"].as_array().unwrap().clone()
}

/// Waits for a decision that fits.
#[track_caller]
fn decided(server: &Server, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
    until(what, || decisions(server, "").into_iter().find(|decision| fits(decision)))
}

fn has_reason(decision: &Value, word: &str) -> bool {
    let reasons = decision["plan"]["because"].as_array().unwrap();
    reasons.iter().any(|reason| reason["reason"] == word)
}

#[test]
fn a_dry_run_is_the_default_and_says_what_it_would_do_and_why() {
    let server = Setup::new().config(EVENTS_ONLY).start();
    server.accepts([&Job::new(1).queued(), &Job::new(2).queued()]);
    let decision = decided(&server, "a raise for two", |it| it["plan"]["desired"] == 2);
    assert_eq!(decision["is_set"], false);
    assert_eq!(decision["pool"], "linux,self-hosted");
    assert_eq!(decision["snapshot"]["backlog"]["queued"], 2);
    let summary = decision["summary"].as_str().unwrap();
    assert_eq!(summary, "would set desired to 2 (now 0)");
    let sentences = decision["sentences"].to_string();
    assert!(sentences.contains("2 jobs wait; 0 idle and 0 booting"), "{sentences}");
    let page = server.get("/").text();
    for text in ["Dry run: nothing is changed", summary, "2 jobs wait; 0 idle", "0 → 2"] {
        assert!(page.contains(text), "{text:?} is not on the page");
    }
    assert!(has_reason(&decision, "queue_exceeds_capacity"));
    let body = server.get("/metrics").text();
    assert!(body.contains("headroom_runners_desired{pool=\"linux,self-hosted\"} 2"), "{body}");
}

#[test]
fn a_queued_job_is_decided_at_once_and_a_running_one_is_capacity() {
    let server = Setup::new().config(EVENTS_ONLY).start();
    server.accepts([&Job::new(1).queued()]);
    let first = decided(&server, "an event", |it| it["snapshot"]["occasion"] == "event");
    assert_eq!(first["plan"]["desired"], 1);
    server.accepts([&Job::new(1).in_progress(), &Job::new(2).queued()]);
    let second = decided(&server, "one besides the running one", |it| it["plan"]["desired"] == 2);
    assert_eq!(second["snapshot"]["fleet"]["members"].as_array().unwrap().len(), 1);
    let newest = second["at"].as_str().unwrap();
    assert_eq!(decisions(&server, &format!("?since={newest}&pool=linux%2Cself-hosted")).len(), 1);
    assert_eq!(decisions(&server, "?limit=1").len(), 1);
    assert_eq!(decisions(&server, "?pool=none").len(), 0);
    assert_eq!(server.get("/api/decisions?since=yesterday").status, 400);
}

#[test]
fn switched_off_it_decides_nothing() {
    let server = Setup::new().config("[scaler]\nmode = \"off\"\n").start();
    server.accepts([&Job::new(1).queued()]);
    let all: Value = serde_json::from_slice(&server.get("/api/decisions").body).unwrap();
    assert_eq!(all, serde_json::json!({"mode": "off", "decisions": []}));
    assert!(!server.get("/").text().contains("scaler"));
}

#[test]
fn stale_jobs_hold_with_a_reason() {
    let config = "[scaler]\ntick_secs = 1\n[[pool]]\nname = \"linux\"\n\
                  labels = [\"self-hosted\", \"linux\"]\ndata_age_max_secs = 1\n";
    let server = Setup::new().config(config).start();
    server.accepts([&Job::new(1).queued()]);
    decided(&server, "a raise", |it| it["plan"]["desired"] == 1);
    let lock = locked(&server.setup.store());
    let held = decided(&server, "a hold", |it| has_reason(it, "jobs_too_old"));
    assert_eq!(held["plan"]["desired"], held["snapshot"]["fleet"]["desired"]);
    assert_eq!(held["plan"]["warm"], Value::Null);
    drop(lock);
    decided(&server, "the end of the hold", |it| {
        it["at"].as_str() > held["at"].as_str() && !has_reason(it, "jobs_too_old")
    });
}

#[test]
fn exhaustion_lifts_the_ceiling_and_ends_with_the_queue() {
    let config = "[scaler]\ntick_secs = 1\n[[pool]]\nname = \"linux\"\n\
                  labels = [\"self-hosted\", \"linux\"]\n\
                  runners_max = 1\nrunners_max_exhausted = 3\n";
    let server = Setup::new().config(config).start();
    server.accepts([&Job::new(1).queued(), &Job::new(1).in_progress()]);
    let jobs: Vec<Job> = (2..=5).map(Job::new).collect();
    for job in &jobs {
        server.accepts([&job.queued()]);
    }
    let lifted = decided(&server, "a lifted ceiling", |it| {
        has_reason(it, "exhausted") && it["plan"]["desired"] == 3
    });
    assert!(lifted["sentences"].to_string().contains("its ceiling is 3"), "{lifted}");
    for job in jobs.iter().chain([&Job::new(1)]) {
        server.accepts([&job.completed()]);
    }
    decided(&server, "the usual ceiling", |it| {
        it["at"].as_str() > lifted["at"].as_str() && it["snapshot"]["exhausted_since"].is_null()
    });
}

#[test]
fn simulated_runners_boot_for_queued_jobs() {
    let config = "[scaler]\nmode = \"simulated\"\ntick_secs = 1\n[[pool]]\nname = \"linux\"\n\
                  labels = [\"self-hosted\", \"linux\"]\nboot_secs = 1\nwarm_start_secs = 1\n\
                  registration_deadline_secs = 60\n";
    let server = Setup::new().config(config).start();
    server.accepts([&Job::new(1).queued()]);
    let set = decided(&server, "a raise", |it| it["plan"]["desired"] == 1);
    assert_eq!(
        (&set["is_set"], set["summary"].as_str().unwrap()),
        (&Value::Bool(true), "set desired to 1 (now 0)")
    );
    until("its runner is idle", || {
        let metrics = server.get("/metrics").text();
        metrics.contains("headroom_runners_idle{pool=\"linux\"} 1").then_some(())
    });
}

#[test]
fn what_was_decided_outlives_a_kill_and_is_not_decided_again() {
    let server = Setup::new().config(EVENTS_ONLY).start();
    server.accepts([&Job::new(1).queued()]);
    decided(&server, "a raise", |it| it["plan"]["desired"] == 1);
    let stored = until("it is on the disk", || {
        let reader = local::Reader::open(&server.setup.store()).unwrap();
        let kept = reader.decisions(None, model::Timestamp::EPOCH, false, 10).unwrap();
        (!kept.is_empty()).then_some(kept.len())
    });
    let before = decisions(&server, "");
    assert_eq!(before.len(), stored);
    let server = server.kill().start();
    until("it has looked", || {
        server.get("/metrics").text().contains("headroom_scaler_ticks_total 1").then_some(())
    });
    assert_eq!(decisions(&server, ""), before);
}
