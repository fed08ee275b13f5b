//! `headroom doctor --aws`: what is there, what is missing, and which IAM action somebody lacks.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::emulator::Emulator;
use crate::log_groups::{GROUP, lines};
use crate::{Ended, guard, headroom, headroom_at};

#[test]
fn the_doctor_says_what_is_missing_and_what_is_there() {
    let aws = Emulator::start();
    aws.make_log_group(GROUP, &lines(1));
    let examine = || headroom(&aws, &["doctor", "--aws", "--log-group", GROUP]).stdout;
    let before = examine();
    assert!(before.contains("missing: headroom-fleet"), "{before}");
    assert!(before.contains("events are kept for ever"), "{before}");
    assert_eq!(headroom(&aws, &["dashboards", "push", "--target", "cloudwatch"]).code, Some(0));
    assert!(examine().contains("all 4 are there"));
}

#[test]
fn the_doctor_names_each_action_that_iam_refuses_and_goes_on() {
    let aws = Emulator::start();
    aws.make_log_group(GROUP, &lines(1));
    for (action, check) in [
        ("logs:DescribeLogGroups", "log group"),
        ("logs:FilterLogEvents", "log events"),
        ("cloudwatch:GetMetricData", "series"),
        ("cloudwatch:GetDashboard", "dashboards"),
        ("cloudwatch:DescribeAlarms", "alarms"),
    ] {
        let url = guard::refusing(action, &aws);
        let examined = ["doctor", "--aws", "--log-group", GROUP, "--format", "json"];
        let ended = headroom_at(&url, &examined);
        let findings: Value = serde_json::from_str(&ended.stdout).unwrap();
        let findings = findings.as_array().unwrap();
        let refused = |it: &&Value| it["found"].to_string().contains(action);
        let refused: Vec<_> = findings.iter().filter(refused).collect();
        assert!(refused.iter().any(|it| it["check"] == check), "{action}: {findings:#?}");
        for finding in &refused {
            assert_eq!(finding["verdict"], "error", "{finding}");
            assert!(finding["remedy"].to_string().contains(action), "{finding}");
        }
        for check in ["series", "dashboards", "alarms"].iter().filter(|it| **it != check) {
            let it = findings.iter().find(|it| it["check"] == **check).unwrap();
            assert_ne!(it["verdict"], "error", "{action}: {it}");
        }
    }
}

/// With files as `aws configure` writes them, and keys of another account in the environment.
fn examined_as(profile: &str, url: &str) -> Ended {
    let home = tempfile::tempdir().unwrap();
    let files = home.path().join(".aws");
    std::fs::create_dir(&files).unwrap();
    std::fs::write(files.join("config"), "[profile team]\nregion = eu-north-1\n").unwrap();
    let keys = "[team]\naws_access_key_id = TEAM\naws_secret_access_key = secret\n";
    std::fs::write(files.join("credentials"), keys).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_headroom"))
        .args(["doctor", "--aws", "--profile", profile, "--endpoint-url", url])
        .current_dir(home.path())
        .env_clear()
        .envs([("HOME", home.path()), ("AWS_EC2_METADATA_DISABLED", Path::new("true"))])
        .envs([("AWS_ACCESS_KEY_ID", "OTHER"), ("AWS_SECRET_ACCESS_KEY", "secret")])
        .env("HEADROOM_WEBHOOK_SECRET", "It's a Secret to Everybody")
        .output()
        .unwrap();
    Ended::of(&output)
}

#[test]
fn a_profile_that_is_named_goes_before_keys_in_the_environment() {
    let aws = Emulator::start();
    let url = guard::for_key("TEAM", &aws);
    let examined = examined_as("team", &url);
    assert_eq!(examined.code, Some(0), "{examined:?}");
    assert!(examined.stdout.contains("AWS in eu-north-1"), "{examined:?}");
    assert!(!examined.stdout.contains("another key"), "{examined:?}");
    let unknown = examined_as("staging", &url);
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    assert!(unknown.stdout.contains("of profile staging"), "{unknown:?}");
}
