//! Lines of a log group tell what the same lines in a file tell.

use std::time::{SystemTime, UNIX_EPOCH};

use model::Timestamp;
use serde_json::{Value, json};

use crate::emulator::Emulator;
use crate::{headroom, headroom_alone};

pub const GROUP: &str = "/aws/lambda/headroom-ingest";

/// Jobs that waited for 40 s and ran for five minutes, each event with its time.
pub fn lines(jobs: u64) -> Vec<(u64, String)> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut lines = Vec::new();
    for id in 1..=jobs {
        let queued = now - 7_200 + id * 60;
        for (status, after) in [("queued", 0), ("in_progress", 40), ("completed", 340)] {
            let at = (queued + after) * 1_000;
            lines.push((at, line(id, status, at, queued)));
        }
    }
    lines.sort();
    lines
}

fn line(id: u64, status: &str, at: u64, queued: u64) -> String {
    let metrics = json!([{ "Name": "JobEvents", "Unit": "Count" }]);
    let of = json!({
        "Namespace": "Headroom", "Dimensions": [["Pool", "Status"], ["Status"]], "Metrics": metrics,
    });
    let stamp = |secs: u64| Timestamp::from_secs(secs.try_into().unwrap()).to_string();
    let mut line = json!({
        "_aws": { "Timestamp": at, "CloudWatchMetrics": [of] },
        "Pool": "linux", "Status": status, "JobEvents": 1, "job_id": id, "run_id": 7,
        "run_attempt": 1, "repository": "acme/app", "workflow": "CI", "job_name": "build",
        "labels": ["linux"], "created_at": stamp(queued),
    });
    if status != "queued" {
        line["started_at"] = json!(stamp(queued + 40));
        line["runner"] = json!("linux-1");
    }
    if status == "completed" {
        line["completed_at"] = json!(stamp(queued + 340));
    }
    line.to_string()
}

/// A report without what tells where and when it was made.
fn report(aws: &Emulator, source: &[&str]) -> Value {
    let common = ["report", "--since", "1d", "--no-replay", "--format", "json", "--out", "-"];
    let ended = headroom(aws, &[&common, source].concat());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let mut report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let members = report.as_object_mut().unwrap();
    members.remove("generated_at").expect("a report says when it was made");
    members.remove("sources").expect("a report says of what it was made");
    report
}

#[test]
fn a_log_group_gives_the_figures_of_the_same_lines_in_a_file() {
    let aws = Emulator::start();
    let lines = lines(12);
    aws.make_log_group(GROUP, &lines);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lines.ndjson");
    let text: Vec<&str> = lines.iter().map(|(_, line)| line.as_str()).collect();
    std::fs::write(&file, text.join("\n")).unwrap();

    let of_group = report(&aws, &["--log-group", GROUP]);
    assert_eq!(of_group, report(&aws, &["--emf", file.to_str().unwrap()]));
    assert!(of_group.to_string().contains("\"linux\""), "{of_group}");
}

#[test]
fn the_simulation_finds_aws_by_the_configuration_alone() {
    let aws = Emulator::start();
    aws.make_log_group(GROUP, &lines(12));
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("aws.toml");
    let text = format!("[aws]\nregion = \"eu-west-1\"\nendpoint_url = \"{}\"\n", aws.url());
    std::fs::write(&config, text).unwrap();
    let line = ["simulate", "--log-group", GROUP, "--learn", "0", "--since", "1d", "--config"];
    let ended = headroom_alone(&[&line[..], &[config.to_str().unwrap()]].concat());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("\nheadroom "), "{ended:?}");
}

#[test]
fn a_group_that_is_not_there_is_named() {
    let aws = Emulator::start();
    let ended = headroom(&aws, &["report", "--log-group", GROUP, "--out", "-"]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.stderr.contains("logs:FilterLogEvents"), "{ended:?}");
}
