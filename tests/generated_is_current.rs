//! Files that are written by a command say what the command says today.

use std::fs;

use serde_json::{Map, Value};

use crate::world::{headroom, repository};

/// The folders of dashboards, and how each is written.
const DASHBOARDS: [(&str, &str); 3] = [
    ("cloudwatch", "--target cloudwatch --region us-east-1"),
    ("grafana-cloudwatch", "--target grafana --datasource cloudwatch"),
    ("grafana-prometheus", "--target grafana --datasource prometheus"),
];

#[test]
fn docs_metrics_md_is_what_the_catalogue_says() {
    let said = headroom(&["metrics", "--format=markdown"], b"").stdout;
    let path = repository().join("docs/METRICS.md");
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let command = "cargo run -- metrics --format markdown > docs/METRICS.md";
    assert!(kept == said, "docs/METRICS.md is out of date: {command}");
}

#[test]
fn the_dashboards_are_what_the_boards_say() {
    for (folder, arguments) in DASHBOARDS {
        let folder = format!("dashboards/generated/{folder}");
        let path = repository().join(&folder);
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let said = headroom(&[&["dashboards", "print"], &arguments[..]].concat(), b"").stdout;
        let said: Map<String, Value> = serde_json::from_str(&said).unwrap();
        let command =
            format!("cargo run -- dashboards print {} --out {folder}", arguments.join(" "));
        for (name, dashboard) in &said {
            let kept = fs::read_to_string(path.join(format!("{name}.json"))).unwrap_or_default();
            let is_current = kept == format!("{dashboard:#}\n");
            assert!(is_current, "{folder}/{name}.json is out of date: {command}");
        }
        let kept = fs::read_dir(&path).unwrap().count();
        assert_eq!(kept, said.len(), "{folder} holds files that nobody writes");
    }
}

#[test]
fn the_generated_alarms_are_what_the_command_prints() {
    for (file, format) in [
        ("cloudwatch.json", "cloudwatch"),
        ("prometheus.yaml", "prometheus"),
        ("alarms.json", "json"),
    ] {
        let said = headroom(&["alarms", "print", "--format", format], b"").stdout;
        let path = format!("alarms/generated/{file}");
        let kept = fs::read_to_string(repository().join(&path)).unwrap_or_default();
        assert!(
            kept == said,
            "{path} is out of date: cargo run -- alarms print --format {format} > {path}"
        );
    }
}
