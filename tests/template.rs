//! `headroom template`: CloudFormation that AWS's own rules find nothing wrong with.

use std::process::Command;

use crate::world::{headroom_in, read_with, repository, tool};

const CONFIG: &str = "[emf]\nroll_ups = [\"repository\"]
[[pool]]\nname = \"linux\"\nlabels = [\"self-hosted\", \"linux\"]\nrunner_group = \"it's ours\"\n";

/// What it prints in a folder with this configuration.
fn printed(config: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("headroom.toml"), config).unwrap();
    let ended = headroom_in(folder.path(), &[], &["template"], b"");
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    ended.stdout
}

#[test]
fn cfn_lint_finds_nothing_with_and_without_pools() {
    let folder = tempfile::tempdir().unwrap();
    for (name, config) in [("with.yaml", CONFIG), ("without.yaml", "")] {
        std::fs::write(folder.path().join(name), printed(config)).unwrap();
    }
    let mut lint = Command::new(tool("py/bin/cfn-lint"));
    lint.current_dir(folder.path()).args([
        "--include-checks",
        "I",
        "--",
        "with.yaml",
        "without.yaml",
    ]);
    let ended = read_with(lint, b"");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""), "{}", ended.stderr);
}

#[test]
fn the_configurations_pools_and_roll_ups_are_in_it() {
    let yaml = printed(CONFIG);
    let pools =
        r#"'[{"labels":["linux","self-hosted"],"name":"linux","runner_group":"it''s ours"}]'"#;
    assert!(yaml.contains(pools) && yaml.contains("Default: 'repository'"), "{yaml}");
}

#[test]
fn every_variable_that_it_sets_is_one_that_the_function_reads() {
    let settings = repository().join("adapters/lambda/src/settings.rs");
    let settings = std::fs::read_to_string(settings).unwrap();
    let yaml = printed("");
    let names = yaml.split_whitespace().filter(|word| word.starts_with("HEADROOM_"));
    let names: Vec<&str> = names.map(|name| name.trim_end_matches(':')).collect();
    assert_eq!(names.len(), 4, "{names:?}");
    for name in names {
        assert!(settings.contains(&format!("\"{name}\"")), "{name}");
    }
}
