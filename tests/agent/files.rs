//! The agent's files, and every shell script of the repository, as their own checkers see them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::world::{read_with, repository, tool};

/// What is built, fetched or not ours.
const SKIPPED: [&str; 4] = ["target", ".git", ".tools", "node_modules"];

fn agents(name: &str) -> String {
    fs::read_to_string(repository().join("adapters/aws/agent").join(name)).unwrap()
}

/// Files that bash or sh run.
fn scripts(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !SKIPPED.contains(&name.as_str()) {
                scripts(&path, into);
            }
        } else if let Ok(bytes) = fs::read(&path) {
            let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
            let first = String::from_utf8_lossy(first);
            if first.starts_with("#!") && first.trim_end().ends_with("sh") {
                into.push(path);
            }
        }
    }
}

#[test]
fn shellcheck_finds_nothing_in_any_script() {
    let mut found = Vec::new();
    scripts(&repository(), &mut found);
    assert!(found.iter().any(|path| path.ends_with("agent/headroom-runner")), "{found:?}");
    assert!(found.len() >= 7, "{found:?}");
    let mut check = Command::new(tool("py/bin/shellcheck"));
    check.arg("--norc").args(&found);
    let ended = read_with(check, b"");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""), "{}", ended.stderr);
}

/// A unit's lines by section.
fn unit(text: &str) -> BTreeMap<&str, BTreeMap<&str, &str>> {
    let mut sections: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    let mut section = "";
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name;
        } else {
            let (key, value) = line.split_once('=').unwrap_or_else(|| panic!("{line}"));
            let before = sections.entry(section).or_default().insert(key, value);
            assert!(before.is_none(), "{key} stands twice");
        }
    }
    sections
}

#[test]
fn the_unit_runs_at_each_boot_and_ends_the_instance_when_the_agent_is_killed() {
    let text = agents("headroom-runner.service");
    let unit = unit(&text);
    assert_eq!(unit.keys().copied().collect::<Vec<_>>(), ["Install", "Service", "Unit"]);
    assert_eq!(unit["Install"]["WantedBy"], "multi-user.target");
    assert_eq!(unit["Unit"]["FailureAction"], "poweroff");
    let service = &unit["Service"];
    assert!(!service.contains_key("Restart"), "one job a boot");
    assert_eq!((service["KillMode"], service["OOMPolicy"]), ("mixed", "continue"));
    let seconds = |name: &str| -> u32 {
        let text = agents("headroom-runner");
        let value = text.split_once(&format!("{name}:-")).unwrap().1;
        value.split('}').next().unwrap().parse().unwrap()
    };
    let stop: u32 = service["TimeoutStopSec"].parse().unwrap();
    assert!(stop > seconds("RUNNER_STOP_SECS_MAX") + 5, "the agent has its time");
    assert_eq!(service["ExecStop"], format!("{} stop", service["ExecStart"]));
}

/// Where systemd is, it says what it thinks of the unit.
#[test]
fn systemd_takes_the_unit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("headroom-runner.service");
    let text =
        agents("headroom-runner.service").replace("/usr/local/bin/headroom-runner", "/bin/true");
    fs::write(&path, text).unwrap();
    let mut verify = Command::new("systemd-analyze");
    verify.args(["verify", "--man=no"]).arg(&path);
    match verify.output() {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && !said.contains("headroom-runner"), "{said}");
        }
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound),
    }
}

#[test]
fn the_logs_of_agent_and_runner_go_to_one_group() {
    let config: Value = serde_json::from_str(&agents("amazon-cloudwatch-agent.json")).unwrap();
    let files = config["logs"]["logs_collected"]["files"]["collect_list"].as_array().unwrap();
    let paths: Vec<&str> = files.iter().map(|file| file["file_path"].as_str().unwrap()).collect();
    assert!(paths[0].ends_with("headroom/agent.log"), "{paths:?}");
    assert!(paths[1..].iter().all(|path| path.starts_with("/opt/actions-runner/_diag/")));
    for file in files {
        assert_eq!(file["log_group_name"], "/headroom/runners");
        assert!(file["log_stream_name"].as_str().unwrap().starts_with("{instance_id}/"));
        assert!(file["retention_in_days"].is_null(), "the stack says how long");
    }
}
