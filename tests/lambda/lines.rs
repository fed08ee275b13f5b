//! What the function writes: the lines that `serve` would publish, in Lambda's formats.

use std::collections::BTreeMap;

use model::catalogue as c;
use serde_json::Value;

use super::sent;
use crate::world::{Emf, Function, Job, SECRET, Setup, fixture, fixtures, headroom_in, lint};

/// Lints what a function wrote, and reads it.
#[track_caller]
pub(super) fn read(stdout: &str) -> Emf {
    let linted = lint(stdout);
    assert_eq!((linted.code, linted.stdout.as_str()), (Some(0), ""), "{}", linted.stderr);
    Emf::read(stdout)
}

/// Lines by their deliveries, without what depends on the instant of the receipt.
fn by_delivery(emf: &Emf) -> BTreeMap<String, Value> {
    let of_events = emf.0.iter().filter_map(|line| Some((line["delivery"].as_str()?, line)));
    let timeless = |line: &Value| {
        let mut line = line.clone();
        line["_aws"]["Timestamp"].take();
        if let Some(lag) = line.get_mut(c::DELIVERY_LAG.0.name) {
            lag.take();
        }
        line
    };
    of_events.map(|(delivery, line)| (delivery.to_owned(), timeless(line))).collect()
}

const CONFIG: &str =
    "[emf]\nto = \"stdout\"\nper = \"event\"\nroll_ups = [\"repository\", \"article\"]
[[pool]]\nname = \"linux\"\nlabels = [\"self-hosted\", \"linux\"]
[[pool]]\nname = \"gpu\"\nlabels = [\"gpu\", \"db-app\", \"dc-03\"]
[[pool]]\nname = \"k8s\"\nlabels = [\"self-hosted\", \"k8s\"]\n";

const POOLS: &str = r#"[{"name":"linux","labels":["self-hosted","linux"]},
    {"name":"gpu","labels":["gpu","db-app","dc-03"]},
    {"name":"k8s","labels":["self-hosted","k8s"]}]"#;

#[test]
fn each_event_has_the_line_that_serve_would_publish() {
    let server = Setup::new().config(CONFIG).start();
    let function = Function::new().var("HEADROOM_POOLS", POOLS);
    let sandbox = function.var("HEADROOM_ROLL_UPS", "repository,article").start();
    let lives = (1..=3).flat_map(|id| Job::new(id).name("deploy \u{1f680}").life());
    // One of each phase; GitHub's examples of one job contradict each other.
    let real = ["queued.1", "in_progress.1", "waiting.1"];
    let real = real.map(|name| fixture(&format!("workflow_job.{name}")));
    // A store keeps what it heard first, and GitHub's examples of the phases differ in these.
    let alike = |payload: &mut Value| {
        payload["workflow_job"]["workflow_name"] = "CI".into();
        payload["workflow_job"]["head_branch"] = "main".into();
    };
    let deliveries: Vec<_> = lives.map(|delivery| delivery.edited(alike)).chain(real).collect();
    for delivery in &deliveries {
        let request = delivery.signed(SECRET);
        assert_eq!(server.send(&request).status, 202);
        assert_eq!(sandbox.send(&request)["statusCode"], 202);
    }
    let [ours, theirs] =
        [sandbox.end().0, server.stop().stdout].map(|text| by_delivery(&read(&text)));
    assert_eq!(ours.len(), deliveries.len());
    for (delivery, line) in ours {
        assert_eq!(Some(&line), theirs.get(&delivery));
    }
}

#[test]
fn every_delivery_real_or_refused_leaves_lines_without_a_fault_and_nothing_else() {
    let sandbox = Function::new().start();
    for name in fixtures() {
        for (id, secret) in [("first", SECRET), ("forged", "wrong"), ("first", SECRET)] {
            sandbox.send(&fixture(&name).again_as(&format!("{name}-{id}")).signed(secret));
        }
    }
    let emf = read(&sandbox.end().0);
    let names = fixtures();
    let all = u64::try_from(names.len()).unwrap();
    assert_eq!(emf.sum(c::DELIVERIES_REJECTED.0, &[("Reason", "signature_wrong")]), all);
    let of =
        |kind: &str| u64::try_from(names.iter().filter(|n| n.starts_with(kind)).count()).unwrap();
    // Twice each; a phase that was seen, as two examples of one job's end are, is a repeat too.
    let (events, runs) = (emf.sum(c::JOB_EVENTS.0, &[]), emf.sum(c::RUN_EVENTS.0, &[]));
    assert_eq!(runs, of("workflow_run"));
    let repeats = emf.sum(c::DELIVERIES_DUPLICATE.0, &[]);
    assert_eq!(events + runs + repeats, 2 * (of("workflow_job") + of("workflow_run")));
    assert_eq!(emf.sum(c::DELIVERIES_IGNORED.0, &[]), 2 * (of("push") + of("check_run")));
}

#[test]
fn a_pool_that_is_nobodys_is_counted_once_for_each_job() {
    let sandbox = Function::new().var("HEADROOM_POOLS", POOLS).start();
    for delivery in Job::new(1).labels(&["windows"]).life() {
        sandbox.send(&delivery.signed(SECRET));
    }
    let emf = read(&sandbox.end().0);
    assert_eq!(emf.sum(c::JOB_EVENTS.0, &[("Pool", model::UNROUTED_POOL)]), 3);
    assert_eq!(emf.sum(c::JOBS_UNROUTED.0, &[]), 1);
}

#[test]
fn in_the_json_format_metrics_and_log_carry_levels_and_metrics_are_never_below_the_functions() {
    for (level, expected) in [("INFO", "INFO"), ("WARN", "WARN"), ("ERROR", "ERROR")] {
        let function = Function::new().var("AWS_LAMBDA_LOG_FORMAT", "JSON");
        let sandbox = function.var("AWS_LAMBDA_LOG_LEVEL", level).start();
        sandbox.send(&Job::new(1).queued().signed(SECRET));
        sandbox.send(&Job::new(2).queued().signed("wrong"));
        let (stdout, stderr) = sandbox.end();
        let emf = read(&stdout);
        assert_eq!(emf.0.len(), 2);
        for line in &emf.0 {
            assert_eq!(line["level"], expected);
            assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
        }
        let log: Vec<Value> = stderr.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        let kept = |line: &&Value| line["timestamp"].is_string() && line["level"].is_string();
        assert_eq!(log.iter().filter(kept).count(), log.len(), "{stderr}");
        let says = |text: &str| stderr.contains(text);
        assert_eq!(says("written with that level"), expected != "INFO", "{stderr}");
        assert_eq!(says("a webhook request is refused"), expected != "ERROR", "{stderr}");
    }
}

#[test]
fn in_the_text_format_the_log_is_text_and_says_what_was_refused() {
    let sandbox = Function::new().start();
    for _ in 0..3 {
        sandbox.send(&Job::new(2).queued().signed("wrong"));
    }
    let (stdout, stderr) = sandbox.end();
    assert_eq!(stdout.lines().count(), 3);
    let told: Vec<&str> = stderr.lines().collect();
    assert!(told.len() == 1 && told[0].contains("WARN") && told[0].contains("401"), "{told:?}");
}

#[test]
fn what_it_wrote_is_history_for_import() {
    let sandbox = Function::new().var("AWS_LAMBDA_LOG_FORMAT", "JSON").start();
    for delivery in (1..=5).flat_map(|id| Job::new(id).life()) {
        sandbox.send(&sent(&delivery, &delivery.id));
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("log.ndjson"), sandbox.end().0).unwrap();
    let imported = headroom_in(folder.path(), &[], &["import", "log.ndjson"], b"");
    assert_eq!(imported.code, Some(0), "{}", imported.stderr);
    let exported = headroom_in(folder.path(), &[], &["export", "--format", "trace"], b"");
    assert_eq!(exported.stdout.lines().count(), 6, "{}", exported.stdout);
}
