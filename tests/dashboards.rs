//! Dashboards as they are printed, compared and pushed; checked by others' schemas and tools.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::world::{Ended, Grafana, TOKEN, headroom, headroom_in, read_with, repository, tool};

const BOARDS: [&str; 4] = ["cost", "fleet", "pipeline", "pool"];

/// Every dashboard of a target, by its name there.
fn printed(target: &[&str]) -> Vec<(String, Value)> {
    let ended = headroom(&[&["dashboards", "print", "--target"], target].concat(), b"");
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let all: Value = serde_json::from_str(&ended.stdout).unwrap();
    let object = all.as_object().unwrap().clone();
    object.into_iter().collect()
}

/// What the independent schemas say of dashboards.
fn checked(target: &str, dashboards: &[(String, Value)]) -> Ended {
    tool("node/node_modules/ajv");
    let mut node = Command::new("node");
    node.arg(repository().join("tests/tools/dashboards.mjs")).arg(target);
    let named: Vec<Value> =
        dashboards.iter().map(|(name, body)| json!({ "name": name, "body": body })).collect();
    read_with(node, json!(named).to_string().as_bytes())
}

#[test]
fn one_board_is_printed_as_it_is_put_and_all_by_their_names() {
    for (target, prefix, suffix) in
        [(&["cloudwatch"][..], "headroom-", ""), (&["grafana"], "headroom-", "-prometheus")]
    {
        let names: Vec<String> = printed(target).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, BOARDS.map(|board| format!("{prefix}{board}{suffix}")));
        let only = printed(&[target, &["--name", "pool"]].concat());
        let of_all = &printed(target)[3].1;
        assert_eq!(&json!(only.into_iter().collect::<serde_json::Map<_, _>>()), of_all);
    }
}

#[test]
fn cloudwatch_bodies_are_what_an_independent_schema_takes() {
    let mut all = printed(&["cloudwatch", "--region", "eu-west-1"]);
    all.extend(printed(&["cloudwatch", "--account", "123456789012"]));
    let ended = checked("cloudwatch", &all);
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (Some(0), "", ""));
}

#[test]
fn with_an_account_the_boards_show_the_states_of_the_alarms() {
    let all = printed(&["cloudwatch", "--region", "eu-west-1", "--account", "123456789012"]);
    let start = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:headroom-";
    for (board, name) in [(1, "webhook-silence"), (3, "choose-a-pool-pool-exhausted")] {
        let text = all[board].1.to_string();
        assert!(text.contains(&format!("{start}{name}\"")), "{text}");
    }
}

#[test]
fn grafana_dashboards_are_what_grafanas_own_schema_takes() {
    let mut all = printed(&["grafana", "--datasource", "prometheus"]);
    all.extend(printed(&["grafana", "--datasource", "cloudwatch"]));
    let ended = checked("grafana", &all);
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (Some(0), "", ""));
}

#[test]
fn the_schemas_find_what_is_wrong() {
    let slips: [(&str, &str, Value, &str); 8] = [
        ("cloudwatch", "/widgets/2/width", json!(25), "must be <= 24"),
        ("cloudwatch", "/widgets/2/properties/view", json!("pie3d"), "/properties/view"),
        ("cloudwatch", "/widgets/2/properties/period", json!(61), "multiple of 60"),
        ("cloudwatch", "/widgets/2/properties/metrics/0", json!(["Headroom"]), "/metrics/0"),
        ("grafana", "/panels/1/options/graphMode", json!("none of these"), "/graphMode"),
        ("grafana", "/panels/1/targets/0/format", json!("csv"), "/A/format"),
        ("grafana", "/panels/1/gridPos/w", json!("six"), "/gridPos/w"),
        ("grafana", "/panels/1/fieldConfig/defaults/unti", json!("s"), "unti"),
    ];
    for target in ["cloudwatch", "grafana"] {
        let (name, body) = printed(&[target]).remove(1);
        let ours = slips.iter().filter(|slip| slip.0 == target);
        let wrong: Vec<(String, Value)> = ours
            .clone()
            .map(|(_, place, value, _)| (name.clone(), with(body.clone(), place, value)))
            .collect();
        let ended = checked(target, &wrong);
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        for (_, place, _, expected) in ours {
            assert!(ended.stdout.contains(expected), "{place}: {}", ended.stdout);
        }
    }
}

/// A value with another one at that place.
fn with(mut value: Value, place: &str, other: &Value) -> Value {
    let (parent, member) = place.rsplit_once('/').unwrap();
    let parent = value.pointer_mut(parent).unwrap();
    match parent.as_array_mut() {
        Some(elements) => elements[member.parse::<usize>().unwrap()] = other.clone(),
        None => parent[member] = other.clone(),
    }
    value
}

/// Every expression in PromQL, with lengths of time in place of Grafana's words for them.
fn expressions() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, dashboard) in printed(&["grafana", "--datasource", "prometheus"]) {
        gather(&dashboard, &mut found);
    }
    let plain = |text: &String| {
        text.replace("$__interval_ms", "60000")
            .replace("$__interval", "1m")
            .replace("$__range_s", "3600")
            .replace("$__range", "1h")
    };
    found.iter().map(plain).collect()
}

fn gather(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            into.extend(object.get("expr").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|value| gather(value, into));
        }
        Value::Array(list) => list.iter().for_each(|value| gather(value, into)),
        _ => {}
    }
}

#[test]
fn prometheus_reads_every_expression() {
    let expressions = expressions();
    assert!(expressions.len() > 40, "{}", expressions.len());
    let rule =
        |(number, expr): (usize, &String)| json!({ "record": format!("r:{number}"), "expr": expr });
    let rules: Vec<Value> = expressions.iter().enumerate().map(rule).collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rules.yaml");
    // Every JSON document is a YAML document.
    fs::write(&file, json!({ "groups": [{ "name": "dashboards", "rules": rules }] }).to_string())
        .unwrap();
    let mut promtool = Command::new(tool("bin/promtool"));
    promtool.args(["check", "rules"]).arg(&file);
    let ended = read_with(promtool, b"");
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert!(
        ended.stdout.contains(&format!("{} rules found", expressions.len())),
        "{}",
        ended.stdout
    );
}

#[test]
fn files_that_were_printed_do_not_differ_and_changed_ones_do() {
    let home = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| headroom_in(home.path(), &[], arguments, b"");
    let target = ["--target", "grafana", "--datasource", "cloudwatch"];
    let ended = run(&[&["dashboards", "print"], &target[..], &["--out", "here"]].concat());
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""), "{}", ended.stderr);
    let diff = || run(&[&["dashboards", "diff"], &target[..], &["here"]].concat());
    let same = diff();
    assert_eq!((same.code, same.stdout.as_str()), (Some(0), ""));
    assert_eq!(same.stderr, "0 of 4 dashboards differ\n");

    let file = home.path().join("here/headroom-pool-cloudwatch.json");
    let text = fs::read_to_string(&file).unwrap().replace("\"p95\"", "\"p90\"");
    fs::write(&file, text).unwrap();
    fs::remove_file(home.path().join("here/headroom-cost-cloudwatch.json")).unwrap();
    let changed = diff();
    assert_eq!(changed.code, Some(1));
    assert_eq!(changed.stderr, "2 of 4 dashboards differ\n");
    let told = "headroom-pool-cloudwatch > panels > 95th percentile of waits > targets > A > \
                label\n  - \"p90\"\n  + \"p95\"\n";
    assert!(changed.stdout.contains(told), "{}", changed.stdout);
    assert!(changed.stdout.contains("headroom-cost-cloudwatch is not there\n"));

    fs::write(&file, "{").unwrap();
    let broken = diff();
    assert_eq!(broken.code, Some(3));
    assert!(broken.stderr.contains("headroom-pool-cloudwatch.json"), "{}", broken.stderr);
    let nowhere = run(&["dashboards", "diff", "--target", "cloudwatch", "nowhere"]);
    assert_eq!(nowhere.code, Some(3), "{}", nowhere.stderr);
}

/// Runs a command against a Grafana with the right token.
fn with_grafana(grafana: &Grafana, arguments: &[&str]) -> Ended {
    let url = grafana.url();
    let arguments = [&["dashboards"], arguments, &["--target", "grafana", "--url", &url]].concat();
    headroom_in(Path::new("/"), &[("HEADROOM_GRAFANA_TOKEN", TOKEN)], &arguments, b"")
}

#[test]
fn pushing_twice_changes_nothing_the_second_time() {
    let grafana = Grafana::start();
    let uid = "headroom-fleet-prometheus";
    let first = with_grafana(&grafana, &["push"]);
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    assert_eq!(first.stdout.lines().filter(|line| line.ends_with(" created")).count(), 4);
    assert_eq!((grafana.saves(), grafana.folders()), (4, vec!["Headroom".to_owned()]));
    assert_eq!(grafana.dashboard(uid)["meta"]["folderUid"], "headroom");

    let second = with_grafana(&grafana, &["push"]);
    assert_eq!(second.stdout.lines().filter(|line| line.ends_with(" unchanged")).count(), 4);
    assert_eq!(grafana.saves(), 4);

    grafana.change(uid, |dashboard| dashboard["title"] = json!("Mine"));
    let differs = with_grafana(&grafana, &["diff"]);
    assert_eq!(differs.code, Some(1));
    let told = format!("{uid} > title\n  - \"Mine\"\n  + \"Headroom: Fleet\"\n");
    assert_eq!(differs.stdout, told);
    let third = with_grafana(&grafana, &["push", "--name", "fleet"]);
    assert_eq!(third.stdout, format!("{uid} updated\n"));
    assert_eq!(grafana.dashboard(uid)["dashboard"]["title"], "Headroom: Fleet");
    assert_eq!(with_grafana(&grafana, &["diff"]).code, Some(0));
}

#[test]
fn a_token_may_lie_in_a_file_and_a_wrong_one_is_answered_with_what_to_do() {
    let grafana = Grafana::start();
    let home = tempfile::tempdir().unwrap();
    let url = grafana.url();
    let push = |token: &str| {
        fs::write(home.path().join("token"), token).unwrap();
        let arguments =
            ["dashboards", "push", "--target", "grafana", "--url", &url, "--token-file", "token"];
        headroom_in(home.path(), &[], &arguments, b"")
    };
    assert_eq!(push(&format!("{TOKEN}\n")).code, Some(0));
    let wrong = push("glsa_hush");
    assert_eq!((wrong.code, wrong.stdout.as_str()), (Some(3), ""));
    for said in ["answers 401: Invalid API key", "hint:", "--token-file"] {
        assert!(wrong.stderr.contains(said), "{}", wrong.stderr);
    }
    assert!(!wrong.stderr.contains("glsa_hush"));
    assert_eq!(push("\n").code, Some(2));
}

#[test]
fn a_token_goes_to_nobody_who_could_be_overheard() {
    let arguments =
        ["dashboards", "push", "--target", "grafana", "--url", "http://grafana.example.com"];
    let ended = headroom_in(Path::new("/"), &[("HEADROOM_GRAFANA_TOKEN", "t")], &arguments, b"");
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("over HTTPS only"), "{}", ended.stderr);
}

#[test]
fn arguments_that_make_no_sense_are_answered_with_what_was_expected() {
    let print = ["dashboards", "print", "--target"];
    for (arguments, expected) in [
        (&["cloudwatch", "--name", "flet"][..], "fleet, pool, pipeline, cost"),
        (&["cloudwatch", "--region", "eu west"], "such as eu-west-1"),
        (&["kibana"], "cloudwatch, grafana"),
        (&["cloudwatch", "--account", "12345678901"], "twelve digits"),
        (&["grafana", "--account", "123456789012"], "--account: it is for --target cloudwatch"),
    ] {
        let ended = headroom(&[&print, arguments].concat(), b"");
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    }
    let push = ["dashboards", "push", "--target", "cloudwatch", "--url", "http://localhost:1"];
    let ended = headroom(&push, b"");
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("it is a Grafana's"), "{}", ended.stderr);
    let url = ["dashboards", "diff", "--target", "cloudwatch", "--url", "http://localhost:1"];
    assert_eq!(headroom(&url, b"").code, Some(2));
}

#[cfg(not(feature = "aws"))]
#[test]
fn what_needs_aws_says_how_a_build_that_has_it_is_made() {
    for arguments in [
        &["dashboards", "push", "--target", "cloudwatch"][..],
        &["alarms", "push", "--pool", "linux"],
        &["report", "--log-group", "jobs"],
        &["simulate", "--log-group", "jobs"],
    ] {
        let ended = headroom(arguments, b"");
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{}", ended.stderr);
        let hint = "cargo build --release --features aws";
        assert!(ended.stderr.contains(hint), "{}", ended.stderr);
    }
}

#[test]
fn nobody_at_the_address_is_told_as_such() {
    let arguments = ["dashboards", "diff", "--target", "grafana", "--url", "http://127.0.0.1:9"];
    let ended = headroom(&arguments, b"");
    assert_eq!(ended.code, Some(3));
    assert!(ended.stderr.contains("127.0.0.1:9 cannot be reached"), "{}", ended.stderr);
}

#[test]
fn each_help_has_examples_that_are_understood() {
    for command in ["print", "diff", "push"] {
        let help = headroom(&["dashboards", command, "--help"], b"");
        let (_, examples) = help.stdout.split_once("Examples:").unwrap();
        let (examples, _) = examples.split_once("\n\n").unwrap();
        let lines: Vec<&str> = examples.lines().filter(|line| !line.trim().is_empty()).collect();
        assert!(lines.len() >= 2, "{examples}");
        for line in lines {
            let arguments = line.split("headroom ").nth(1).unwrap().split('|').next().unwrap();
            let mut arguments: Vec<&str> = arguments.split_whitespace().collect();
            arguments.push("--help");
            assert_eq!(headroom(&arguments, b"").code, Some(0), "{line}");
        }
    }
}
