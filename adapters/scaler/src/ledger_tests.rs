//! Lines become jobs, whatever their order and number.

use std::sync::{Arc, Mutex};

use super::*;
use crate::Seat;
use scaler::ports::Jobs;
use serde_json::json;

#[path = "../../../scaler/contract/jobs.rs"]
mod contract;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(secs)
}

/// A line as the webhook writes it.
fn line(job: u64, status: &str, secs: i64) -> String {
    line_of("linux", job, status, secs)
}

fn line_of(pool: &str, job: u64, status: &str, secs: i64) -> String {
    let mut line = json!({
        "_aws": { "Timestamp": secs * 1000, "CloudWatchMetrics": [
            { "Namespace": model::catalogue::NAMESPACE, "Dimensions": [["Pool"]], "Metrics": [] },
        ] },
        "Pool": pool, "Status": status, "job_id": job, "run_id": 1, "run_attempt": 1,
        "repository": "o/r", "labels": ["self-hosted"], "created_at": at(100).to_string(),
    });
    if status != "queued" {
        line["runner"] = json!(format!("i-{job:08x}"));
        line["started_at"] = json!(at(secs).to_string());
    }
    if status == "completed" {
        line["completed_at"] = json!(at(secs).to_string());
        line["Conclusion"] = json!("success");
    }
    line.to_string()
}

fn ledger(lines: &[String]) -> Ledger {
    let mut ledger = Ledger::new(["linux"]);
    for line in lines {
        ledger.take(line).unwrap();
    }
    ledger
}

/// Queued and running.
fn counts(ledger: &Ledger) -> (u32, u32) {
    let backlog = ledger.open("linux", u32::MAX).backlog;
    (backlog.queued, backlog.running)
}

#[test]
fn a_job_waits_runs_and_is_over() {
    let mut ledger = Ledger::new(["linux"]);
    for (status, secs, expected) in
        [("queued", 100, (1, 0)), ("in_progress", 130, (0, 1)), ("completed", 190, (0, 0))]
    {
        assert_eq!(ledger.take(&line(1, status, secs)).unwrap().as_deref(), Some("linux"));
        assert_eq!(counts(&ledger), expected, "{status}");
    }
    assert_eq!(counts(&Ledger::new(["linux"])), (0, 0));
}

#[test]
fn lines_that_repeat_change_nothing_and_arrive_once() {
    let queued = line(1, "queued", 100);
    let mut ledger = ledger(std::slice::from_ref(&queued));
    assert_eq!(ledger.take(&queued), Ok(None));
    assert_eq!((counts(&ledger), ledger.arrived("linux").len()), ((1, 0), 1));
    assert!(ledger.arrived("linux").is_empty());
    assert_eq!(ledger.take(&queued), Ok(None));
    assert!(ledger.arrived("linux").is_empty());
}

#[test]
fn every_order_gives_the_same() {
    let lines = [line(1, "queued", 100), line(1, "in_progress", 130), line(1, "completed", 190)];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let ledger = ledger(&order.map(|n| lines[n].clone()));
        assert_eq!(counts(&ledger), (0, 0), "{order:?}");
    }
    for order in [[0, 1], [1, 0]] {
        let ledger = ledger(&order.map(|n| lines[n].clone()));
        assert_eq!(counts(&ledger), (0, 1), "{order:?}");
    }
}

#[test]
fn runners_are_told_by_name_those_with_a_job_for_longest_first() {
    let ledger = ledger(&[
        line(2, "in_progress", 150),
        line(1, "in_progress", 130),
        line(3, "in_progress", 170),
    ]);
    let open = ledger.open("linux", 2);
    let busy: Vec<_> = open.busy.iter().map(|busy| (busy.runner.as_str(), busy.since)).collect();
    assert_eq!(busy, [("i-00000001", at(130)), ("i-00000002", at(150))]);
    assert_eq!(open.backlog.running, 3);
    assert_eq!(ledger.open("windows", 2).backlog.running, 0);
}

#[test]
fn jobs_that_hear_nothing_are_given_up_and_those_that_are_over_forgotten() {
    let mut ledger =
        ledger(&[line(1, "queued", 100), line(2, "in_progress", 100), line(3, "completed", 100)]);
    assert_eq!(ledger.done.len(), 1);
    ledger.read_until(at(101).plus(QUEUE_AGE_MAX));
    assert_eq!((counts(&ledger), ledger.done.len(), ledger.forgetting.len()), ((0, 1), 0, 0));
    ledger.read_until(at(101).plus(RUN_AGE_MAX));
    assert_eq!(counts(&ledger), (0, 0));
}

#[test]
fn how_fresh_it_is_never_goes_back() {
    let mut ledger = Ledger::new(["linux"]);
    ledger.read_until(at(200));
    ledger.read_until(at(150));
    assert_eq!(ledger.open("linux", 0).backlog.as_of, at(200));
}

#[test]
fn foreign_lines_pass_and_broken_ones_of_ours_are_told() {
    let mut ledger = Ledger::new(["linux"]);
    for foreign in ["", "START RequestId: 1", "{\"a\":1}", "{\"_aws\":{\"Timestamp\":1}}"] {
        assert_eq!(ledger.take(foreign).ok().flatten(), None, "{foreign}");
    }
    let broken = line(1, "dreaming", 100);
    assert!(ledger.take(&broken).unwrap_err().to_string().contains("dreaming"));
    assert_eq!(counts(&ledger), (0, 0));
}

/// The pool `linux`, whose news are lines.
struct Stand {
    ledger: Arc<Mutex<Ledger>>,
    seat: Seat,
    now_secs: i64,
}

impl contract::Stand for Stand {
    fn jobs(&mut self) -> &mut dyn Jobs {
        &mut self.seat
    }

    fn at(&mut self, secs: i64) -> Timestamp {
        self.now_secs = secs;
        self.ledger.lock().unwrap().read_until(at(secs));
        at(secs)
    }

    fn told(&mut self, job: u64, phase: Phase) {
        let line = line(job, phase.as_str(), self.now_secs);
        self.ledger.lock().unwrap().take(&line).unwrap();
    }

    fn told_elsewhere(&mut self, job: u64, phase: Phase) {
        let line = line_of("gpu", job, phase.as_str(), self.now_secs);
        self.ledger.lock().unwrap().take(&line).unwrap();
    }
}

#[test]
fn it_says_what_all_jobs_say() {
    for (claim, check) in contract::CLAIMS {
        eprintln!("{claim}");
        let ledger = Arc::new(Mutex::new(Ledger::new(["linux"])));
        let seat = Seat::new(&ledger, "linux");
        check(&mut Stand { ledger, seat, now_secs: 0 });
    }
}

#[test]
fn arrivals_are_kept_only_of_pools_whose_scaler_asks_for_them() {
    let mut ledger = Ledger::new(["linux", "mac"]);
    let unrouted = line(4, "queued", 100).replace("\"Pool\":\"linux\",", "");
    for line in [
        line(1, "queued", 100),
        line_of("mac", 2, "queued", 100),
        line_of("hosted", 3, "queued", 100),
        unrouted,
    ] {
        ledger.take(&line).unwrap();
    }
    let mut arrived: Vec<_> = ledger.kept().arrived.into_iter().collect();
    assert_eq!(arrived.len(), 2, "{arrived:?}");
    // A checkpoint of a version that kept all of them, or of more pools.
    arrived.push((UNROUTED_POOL.to_owned(), vec![at(100); 1000]));
    let kept = Kept { arrived: arrived.into_iter().collect(), ..ledger.kept() };
    let mut ledger = Ledger::recalled(kept, ["linux"]);
    assert_eq!(ledger.kept().arrived.keys().collect::<Vec<_>>(), ["linux"]);
    assert_eq!(ledger.arrived("linux"), [at(100)]);
}
