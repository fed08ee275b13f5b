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
fn docs_cost_md_is_what_the_prices_say() {
    let said = headroom(&["metrics", "--bill", "--format=markdown"], b"").stdout;
    let kept = fs::read_to_string(repository().join("docs/COST.md")).unwrap_or_default();
    let command = "cargo run -- metrics --bill --format markdown > docs/COST.md";
    assert!(kept == said, "docs/COST.md is out of date: {command}");
}
