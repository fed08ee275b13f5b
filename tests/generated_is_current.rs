//! Files that are written by a command say what the command says today.

use std::fs;

use crate::world::{headroom, repository};

#[test]
fn docs_metrics_md_is_what_the_catalogue_says() {
    let said = headroom(&["metrics", "--format=markdown"], b"").stdout;
    let path = repository().join("docs/METRICS.md");
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let command = "cargo run -- metrics --format markdown > docs/METRICS.md";
    assert!(kept == said, "docs/METRICS.md is out of date: {command}");
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
