//! What no webhook told: GitHub is asked, and what it tells stands in the webhook's log group.

use std::time::Duration;

use model::Timestamp;
use serde_json::{Value, json};

use crate::world::github::GitHub;
use crate::world::{Cloud, Function, INGEST, now, schedule, subscription};

const KEY: &str = include_str!("../../../tests/fixtures/github/app-key.pem");

struct Stage {
    cloud: Cloud,
    github: GitHub,
}

impl Stage {
    fn set() -> Stage {
        let stage = Stage { cloud: Cloud::start(), github: GitHub::start() };
        stage.cloud.parameter("/headroom/github-app-key", KEY, 0);
        stage
    }

    /// Each scheduled invocation is the first of a round.
    fn function(&self) -> Function {
        let github = json!({ "organization": "acme", "app_id": "Iv1", "check_secs": 60,
            "private_key": "/headroom/github-app-key",
            "api_url": format!("http://{}", self.github.address) });
        Function::tick(&self.cloud, &["linux"])
            .var("HEADROOM_SCALER_MODE", "dry-run")
            .var("HEADROOM_GITHUB", &github.to_string())
    }

    /// The webhook told of a job of `acme/app`.
    fn told(&self, job: u64, status: &str, secs_ago: i64) {
        let (at, line) = crate::world::line("linux", job, status, secs_ago);
        self.cloud.logged(INGEST, "webhook", at, &line.replace("o/r", "acme/app"));
    }

    /// A job that is known, as Insights tells new sandboxes.
    fn waits_for_an_hour(&self, job: u64) {
        let ms = (now().as_millis() - 3_600_000).to_string();
        let row = [
            ("job_id", job.to_string().as_str()),
            ("queued", "1"),
            ("started", "0"),
            ("first_ms", &ms),
            ("last_ms", &ms),
            ("in_pool", "linux"),
            ("of_repository", "acme/app"),
        ]
        .map(|(name, value)| json!({ "field": name, "value": value }));
        self.cloud.insights(&[Value::Array(row.to_vec())]);
    }

    /// Lines that the search wrote: job and phase.
    fn found(&self) -> Vec<(u64, String)> {
        let lines = self.cloud.lines(INGEST).into_iter();
        let of = |line: String| -> Option<(u64, String)> {
            let line: Value = serde_json::from_str(&line).unwrap();
            let is_ours = line["delivery"].as_str().is_some_and(|it| it.starts_with("api-"));
            is_ours.then(|| {
                (line["job_id"].as_u64().unwrap(), line["Status"].as_str().unwrap().into())
            })
        };
        lines.filter_map(of).collect()
    }
}

fn ago(minutes: u64) -> Timestamp {
    now().minus(Duration::from_mins(minutes))
}

fn sum(lines: &[Value], metric: &str) -> u64 {
    lines.iter().filter_map(|line| line[metric].as_u64()).sum()
}

#[test]
fn a_delivery_that_failed_is_asked_for_once_more() {
    let stage = Stage::set();
    stage.github.delivered(1, "a", 502);
    stage.github.delivered(2, "b", 202);
    let sandbox = stage.function().start();
    sandbox.invoke(&schedule());
    assert_eq!(stage.github.redelivered(), [1]);
    let (lines, log) = sandbox.end();
    assert_eq!(sum(&lines, "WebhooksRedelivered"), 1, "{log}");
}

#[test]
fn jobs_that_no_webhook_told_of_are_told_in_its_log_group_and_count() {
    let stage = Stage::set();
    // The repository is known by a job of it, whose end was lost.
    stage.told(1, "queued", 240);
    stage.github.job(1, "completed", ago(3));
    stage.github.job(2, "queued", ago(10));
    // It may still come by itself.
    stage.github.job(3, "queued", now());
    let sandbox = stage.function().start();
    sandbox.invoke(&schedule());
    let of = |job: u64, status: &str| (job, status.to_owned());
    assert_eq!(stage.found(), [of(1, "in_progress"), of(1, "completed"), of(2, "queued")]);
    let (lines, log) = sandbox.end();
    assert_eq!(sum(&lines, "JobsMended"), 2, "{log}");
    let left = |line: &&Value| line["GithubRateLimitRemaining"] == 4711;
    assert!(lines.iter().filter(left).count() > 1, "with each look: {log}");
    let waiting: Vec<u64> = lines.iter().filter_map(|line| line["JobsWaiting"].as_u64()).collect();
    assert_eq!((waiting.first(), waiting.last()), (Some(&1), Some(&1)), "{log}");
    assert!(log.contains("set desired to 1"), "{log}");
}

#[test]
fn a_job_that_is_over_for_long_is_not_told_again_by_a_sandbox_that_forgot_it() {
    let stage = Stage::set();
    stage.told(1, "queued", 60);
    stage.github.job(7, "completed", ago(70));
    let sandbox = stage.function().start();
    sandbox.invoke(&schedule());
    assert_eq!(stage.found(), []);
}

#[test]
fn a_job_that_github_knows_no_more_waits_no_more() {
    let stage = Stage::set();
    stage.waits_for_an_hour(1);
    let sandbox = stage.function().start();
    sandbox.invoke(&schedule());
    let (lines, log) = sandbox.end();
    let told =
        stage.cloud.lines(INGEST).into_iter().map(|line| serde_json::from_str(&line).unwrap());
    let told: Vec<Value> = told.collect();
    assert_eq!((sum(&told, "JobsExpired"), sum(&lines, "JobsExpired")), (1, 0), "once: {log}");
    let last = lines.iter().filter_map(|line| line["JobsWaiting"].as_u64()).next_back();
    assert_eq!(last, Some(0), "{log}");
}

#[test]
fn what_one_sandbox_finds_gone_the_others_wait_for_no_more() {
    let stage = Stage::set();
    stage.waits_for_an_hour(1);
    let other = stage.function().start();
    other.invoke(&subscription(&[]));
    stage.function().start().invoke(&schedule());
    other.invoke(&subscription(&[stage.cloud.webhook("linux", 2, "queued", 0)]));
    let (_, log) = other.end();
    assert!(log.contains("set desired to 1"), "one job waits, not two: {log}");
    assert!(!log.contains("set desired to 2"), "{log}");
}

#[test]
fn while_github_fails_the_looks_go_on() {
    let stage = Stage::set();
    stage.told(1, "queued", 10);
    stage.github.is_down(true);
    let sandbox = stage.function().start();
    assert!(sandbox.invoke(&schedule())["looks"].as_u64() > Some(1));
    let (lines, log) = sandbox.end();
    assert!(sum(&lines, "GithubFailures") > 0, "{log}");
}
