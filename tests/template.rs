//! `headroom template`: CloudFormation that AWS's own rules, and those of others, find nothing wrong
//! with.

use std::collections::BTreeSet;
use std::io::Read;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::world::{Ended, headroom_in, read_with, repository, tool};

/// The configuration that `adapters/aws/template.yaml` is printed with.
pub(crate) const CONFIG: &str = include_str!("template/headroom.toml");

/// The groups that it is printed with.
pub(crate) const GROUPS: [&str; 4] =
    ["--on-demand", "linux=m7i.large", "--spot", "build,big=c7i.8xlarge,c6i.8xlarge,m7i.8xlarge"];

/// A pool with a group of each kind.
const MIXED: [&str; 4] = ["--on-demand", "linux=m7i.large", "--spot", "linux=c7i.large,m7i.large"];

/// What it says in a folder with this configuration.
fn tried(config: &str, more: &[&str]) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("headroom.toml"), config).unwrap();
    headroom_in(folder.path(), &[], &[&["template"], more].concat(), b"")
}

pub(crate) fn printed(config: &str, more: &[&str]) -> String {
    let ended = tried(config, more);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    ended.stdout
}

/// The template as it is deployed: with and without pools, groups and all but the webhook.
fn variants() -> Vec<(&'static str, String)> {
    vec![
        ("whole.yaml", printed(CONFIG, &GROUPS)),
        ("mixed.yaml", printed(CONFIG, &MIXED)),
        ("without-groups.yaml", printed(CONFIG, &[])),
        ("without-alarms.yaml", printed(CONFIG, &[&GROUPS[..], &["--without-alarms"]].concat())),
        ("without-pools.yaml", printed("", &[])),
        ("by-name.yaml", printed("", &["--pool", "linux", "--pool", "mac"])),
        ("webhook.yaml", printed(CONFIG, &["--only", "ingest"])),
        ("image.yaml", printed("", &["--only", "image"])),
    ]
}

fn written() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in variants() {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[test]
fn cfn_lint_finds_nothing() {
    let folder = written();
    let mut lint = Command::new(tool("py/bin/cfn-lint"));
    lint.current_dir(folder.path()).args(["--include-checks", "I", "--"]);
    lint.args(variants().iter().map(|(name, _)| name));
    let ended = read_with(lint, b"");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""), "{}", ended.stderr);
}

/// What it would find otherwise is argued in the template, beside the resource.
#[test]
fn checkov_finds_nothing() {
    let folder = written();
    let mut checkov = Command::new(tool("checkov/bin/checkov"));
    checkov.current_dir(folder.path()).args(["--framework", "cloudformation", "--compact"]);
    checkov.args(["--quiet", "--skip-download", "--directory", "."]);
    let ended = read_with(checkov, b"");
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert!(!ended.stdout.contains("FAILED"), "{}", ended.stdout);
}

#[test]
fn the_template_in_the_repository_is_what_the_command_prints() {
    let kept = std::fs::read_to_string(repository().join("adapters/aws/template.yaml"));
    let command = format!(
        "cargo run -- template --config tests/template/headroom.toml {} > adapters/aws/template.yaml",
        GROUPS.join(" ")
    );
    let is_current = kept.unwrap_or_default() == printed(CONFIG, &GROUPS);
    assert!(is_current, "adapters/aws/template.yaml is out of date: {command}");
}

#[test]
fn the_configurations_pools_and_roll_ups_are_in_it() {
    for more in [&[][..], &["--only", "ingest"]] {
        let yaml = printed(CONFIG, more);
        let pool =
            r#"{"labels":["linux","self-hosted"],"name":"linux","runner_group":"it''s ours"}"#;
        assert!(yaml.contains(pool) && yaml.contains("ROLL_UPS: 'repository'"), "{yaml}");
    }
    let only = printed(CONFIG, &["--pool", "linux"]);
    assert!(only.contains("\"name\":\"linux\"") && !only.contains("build,big"), "{only}");
}

#[test]
fn every_variable_that_it_sets_is_one_that_the_webhook_reads() {
    let settings = repository().join("adapters/lambda/src/settings.rs");
    let settings = std::fs::read_to_string(settings).unwrap();
    let yaml = printed(CONFIG, &["--only", "ingest"]);
    let names = yaml.split_whitespace().filter(|word| word.starts_with("HEADROOM_"));
    let names: Vec<&str> = names.map(|name| name.trim_end_matches(':')).collect();
    assert_eq!(names.len(), 4, "{names:?}");
    for name in names {
        assert!(settings.contains(&format!("\"{name}\"")), "{name}");
    }
}

#[test]
fn a_pool_that_cannot_be_is_refused_with_the_way_out() {
    let with_share = "[[pool]]\nname = \"a\"\nlabels = [\"a\"]\nspot_share = 0.5\n";
    let spot_with_stopped = "[[pool]]\nname = \"a\"\nlabels = [\"a\"]\nstopped = 5\n";
    for (config, more, expected) in [
        (spot_with_stopped, &["--spot", "a=c7i.large"][..], "stopped = \"none\""),
        (with_share, &["--spot", "a=c7i.large"], "a share needs two groups"),
        (with_share, &["--group", "a=x", "--spot-group", "a=x"], "two were expected"),
        (CONFIG, &["--on-demand", "linux=m7i.large", "--group", "linux=mine"], "is there already"),
        (CONFIG, &["--spot", "linux=c7i.large", "--spot-group", "linux=x"], "is there already"),
        (CONFIG, &["--pool", "windows"], "there are linux, build,big"),
        (CONFIG, &["--spot", "windows=c7i.large"], "there is no pool"),
        (CONFIG, &["--spot", "linux"], "POOL=VALUE"),
        (CONFIG, &["--only", "ingest", "--spot", "linux=c7i.large"], "cannot be used with"),
        (CONFIG, &["--only", "image", "--pool", "linux"], "the same for all pools"),
    ] {
        let ended = tried(config, more);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{more:?}");
        assert!(ended.stderr.contains(expected), "{more:?}: {}", ended.stderr);
    }
}

#[test]
fn the_agent_is_told_its_pool_and_how_long_its_registration_may_take() {
    let template = read(&printed(CONFIG, &GROUPS));
    let launches = resources(&template, "AWS::EC2::LaunchTemplate");
    let settings = |(_, launch): &(String, Value)| {
        let data = &launch["Properties"]["LaunchTemplateData"];
        assert!(data["ImageId"]["Fn::Sub"].as_str().unwrap().starts_with("resolve:ssm:${"));
        data["UserData"]["Fn::If"][2]["Fn::Base64"].as_str().unwrap().to_owned()
    };
    let settings: Vec<String> = launches.iter().map(settings).collect();
    assert!(settings[0].starts_with("#cloud-config\nwrite_files:\n"), "{}", settings[0]);
    for pool in ["linux", "build,big"] {
        let told = format!("RUNNER_POOL=\"{pool}\"\n");
        assert!(settings.iter().any(|settings| settings.contains(&told)), "{settings:?}");
    }
    for settings in settings {
        let agent = repository().join("adapters/aws/agent/headroom-runner");
        let agent = std::fs::read_to_string(agent).unwrap();
        for line in settings.lines().filter(|line| line.contains("RUNNER_")) {
            let name = line.trim().split('=').next().unwrap();
            assert!(agent.contains(&format!("${{{name}:-")), "{name}");
        }
    }
}

/// Of the image's components, what they do as the builder reads it.
fn components(template: &Value) -> Vec<String> {
    let components = resources(template, "AWS::ImageBuilder::Component");
    let data = |component: &Value| component["Properties"]["Data"].as_str().unwrap().to_owned();
    components.iter().map(|(_, component)| data(component)).collect()
}

#[test]
fn the_image_holds_the_agents_files_as_they_are() {
    let template = read(&printed("", &["--only", "image"]));
    let components = components(&template);
    assert_eq!(components.len(), 2);
    let agent = repository().join("adapters/aws/agent");
    let mut kept = 0;
    for data in &components {
        // https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_CreateComponent.html
        assert!(data.len() <= 16_000, "{}", data.len());
        for line in data.lines().filter(|line| line.trim_start().starts_with("put 0")) {
            let (head, packed) = line.split_once(" <<<").unwrap();
            let name = head.rsplit('/').next().unwrap();
            let mut unpack = Command::new("bash");
            unpack.args(["-c", "base64 -d | gunzip"]);
            let file = std::fs::read_to_string(agent.join(name)).unwrap();
            assert_eq!(read_with(unpack, packed.as_bytes()).stdout, file, "{name}");
            kept += 1;
        }
    }
    assert_eq!(kept, std::fs::read_dir(agent).unwrap().count(), "every file is in it");
}

#[test]
fn a_component_of_the_image_is_a_document_whose_scripts_shellcheck_finds_nothing_in() {
    let template = read(&printed("", &["--only", "image"]));
    for data in components(&template) {
        let document = read(&data);
        let mut scripts = 0;
        for phase in document["phases"].as_array().unwrap() {
            for step in phase["steps"].as_array().unwrap() {
                let script = step["inputs"]["commands"][0].as_str().unwrap();
                // What the builder fills in.
                let script = script.replace("{{ ", "").replace(" }}", "");
                let mut check = Command::new(tool("py/bin/shellcheck"));
                check.args(["--norc", "--shell=bash", "-"]);
                let ended = read_with(check, script.as_bytes());
                assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""), "{}", step["name"]);
                assert!(script.starts_with("set -euo pipefail\n"), "{script}");
                scripts += 1;
            }
        }
        assert!(scripts >= 3, "{document}");
    }
}

#[test]
fn an_instance_may_take_its_own_registration_and_write_its_logs_and_nothing_else() {
    let template = read(&printed("", &["--only", "image"]));
    let role = &template["Resources"]["RunnerRole"]["Properties"];
    assert!(role["ManagedPolicyArns"].is_null());
    let policies = role["Policies"].as_array().unwrap().iter();
    let statements = policies.flat_map(|p| p["PolicyDocument"]["Statement"].as_array().unwrap());
    let (allowed, denied): (Vec<_>, Vec<_>) = statements.partition(|s| s["Effect"] == "Allow");
    let own = "${ec2:SourceInstanceARN}";
    let tag = "aws:ResourceTag/headroom:instance";
    assert_eq!(allowed.len(), 2);
    assert_eq!(
        allowed[0]["Action"],
        serde_json::json!(["ssm:GetParameter", "ssm:DeleteParameter"])
    );
    assert_eq!(allowed[0]["Condition"]["StringEquals"][tag], own);
    let logs = serde_json::json!(["logs:CreateLogStream", "logs:PutLogEvents"]);
    assert_eq!(allowed[1]["Action"], logs);
    // What another policy allows does not reach a peer's parameter.
    assert_eq!(denied[0]["Condition"]["StringNotEquals"][tag], own);
    assert_eq!(denied[0]["Resource"], allowed[0]["Resource"]);
    assert_eq!(denied[1]["Action"], "ssm:GetParametersByPath");
}

/// Fifty pools have 600 alarms, and their names and labels fill no variable as they are.
#[test]
fn fifty_pools_fit_a_template_without_their_alarms() {
    let name = |i: usize| format!("linux-large-{i:02}");
    let pool = |i| format!("[[pool]]\nname = {0:?}\nlabels = [\"self-hosted\", {0:?}]\n", name(i));
    let config: String = (0..50).map(pool).collect();
    let groups = (0..50).flat_map(|i| ["--on-demand".to_owned(), format!("{}=m7i.large", name(i))]);
    let groups: Vec<String> = groups.collect();
    let mut more: Vec<&str> = groups.iter().map(String::as_str).collect();
    let ended = tried(&config, &more);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("--without-alarms leaves out"), "{}", ended.stderr);
    more.push("--without-alarms");
    let yaml = printed(&config, &more);
    let variables = yaml.lines().filter_map(|line| line.trim().strip_prefix("HEADROOM_POOLS: '"));
    let variables: Vec<&str> = variables.map(|value| value.trim_end_matches('\'')).collect();
    assert_eq!(variables.len(), 3);
    for value in variables {
        assert!(value.len() < 3_200, "of the 4 KB that all variables of a function share");
        let pools: Vec<Value> = serde_json::from_str(&lambda_reads(value)).unwrap();
        assert_eq!((pools.len(), &pools[7]["name"]), (50, &json!("linux-large-07")));
    }
    let alarms = read(&yaml);
    let alarms = resources(&alarms, "AWS::CloudWatch::Alarm");
    let ids: Vec<&str> = alarms.iter().map(|(id, _)| id.as_str()).collect();
    assert!(ids.contains(&"ScalerErrors") && ids.iter().all(|id| !id.contains("Large")), "{ids:?}");
}

/// What a function makes of a variable that may be packed.
fn lambda_reads(value: &str) -> String {
    use base64::Engine;
    let packed = base64::prelude::BASE64_STANDARD.decode(value).unwrap();
    let mut json = String::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut json).unwrap();
    json
}

/// The template as AWS reads it: functions of CloudFormation are objects with one member.
pub(crate) fn read(yaml: &str) -> Value {
    let mut python = Command::new(tool("py/bin/python"));
    python.args(["-c", "import json,sys; from cfnlint.decode.cfn_yaml import loads; json.dump(loads(sys.stdin.read()), sys.stdout)"]);
    let ended = read_with(python, yaml.as_bytes());
    serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{}", ended.stderr))
}

fn resources(template: &Value, kind: &str) -> Vec<(String, Value)> {
    let all = template["Resources"].as_object().unwrap();
    let of_kind = all.iter().filter(|(_, resource)| resource["Type"] == kind);
    of_kind.map(|(id, resource)| (id.clone(), resource.clone())).collect()
}

/// Actions that know no resource, by AWS's own list.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
const OF_NO_RESOURCE: [&str; 6] = [
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DescribeWarmPool",
    "cloudwatch:GetMetricData",
    "ec2:DescribeInstances",
    "logs:GetQueryResults",
];

#[test]
fn each_statement_names_its_resources_where_aws_lets_it() {
    let template = read(&printed(CONFIG, &GROUPS));
    let roles = resources(&template, "AWS::IAM::Role");
    assert_eq!(roles.len(), 3);
    for (id, role) in roles {
        let policies = role["Properties"]["Policies"].as_array().unwrap();
        for policy in policies {
            for statement in policy["PolicyDocument"]["Statement"].as_array().unwrap() {
                if statement["Resource"] != "*" {
                    continue;
                }
                let actions = statement["Action"].as_array().unwrap();
                for action in actions {
                    assert!(OF_NO_RESOURCE.contains(&action.as_str().unwrap()), "{id}: {action}");
                }
            }
        }
    }
}

#[test]
fn a_spot_group_has_no_warm_pool_and_an_on_demand_group_has_one_that_the_scaler_sizes() {
    let template = read(&printed(CONFIG, &GROUPS));
    let groups = resources(&template, "AWS::AutoScaling::AutoScalingGroup");
    let is_mixed = |group: &Value| group["Properties"]["MixedInstancesPolicy"].is_object();
    assert_eq!(groups.iter().filter(|(_, group)| is_mixed(group)).count(), 1);
    assert_eq!(groups.len(), 2);
    let warm = resources(&template, "AWS::AutoScaling::WarmPool");
    assert_eq!(warm.len(), 1);
    assert_eq!(warm[0].1["Properties"]["AutoScalingGroupName"]["Ref"], "PoolLinuxGroup");
    for (id, group) in groups {
        let group = &group["Properties"];
        assert_eq!(group["MinSize"], "0", "{id}");
        assert_eq!(group["NewInstancesProtectedFromScaleIn"], true, "{id}");
        assert!(group["DesiredCapacity"].is_null(), "an update would set it: {id}");
    }
    let max = |id: &str| template["Resources"][id]["Properties"]["MaxSize"].clone();
    assert_eq!(max("PoolLinuxGroup"), "60", "the maximum while the pool is exhausted");
}

#[test]
fn a_pool_may_have_a_group_of_each_kind() {
    let config = CONFIG.replacen("runners_max = 40", "runners_max = 40\nspot_share = 0.5", 1);
    let yaml = printed(&config, &MIXED);
    let template = read(&yaml);
    let groups = resources(&template, "AWS::AutoScaling::AutoScalingGroup");
    let ids: Vec<&str> = groups.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["PoolLinuxGroup", "PoolLinuxSpotGroup"]);
    let warm = resources(&template, "AWS::AutoScaling::WarmPool");
    assert_eq!(warm[0].1["Properties"]["AutoScalingGroupName"]["Ref"], "PoolLinuxGroup");
    for scaled in [
        r#""group":"headroom-linux-runners""#,
        r#""spot_group":"headroom-linux-spot""#,
        r#""spot":{"interruptions_max":5,"pause":1800,"share":0.5,"short_after":60}"#,
    ] {
        assert!(yaml.contains(scaled), "{scaled}");
    }
    // The scaler may set both, and hears of both.
    assert_eq!(yaml.matches("autoScalingGroupName/headroom-linux-spot'").count(), 2);

    let brought = ["--group", "linux=mine", "--spot-group", "linux=spots"];
    let yaml = printed(&config, &brought);
    let makes_one = yaml.contains("AWS::AutoScaling::AutoScalingGroup");
    assert!(yaml.contains(r#""spot_group":"spots""#) && !makes_one);
}

#[test]
fn alarms_tell_the_topic_and_two_of_them_the_scaler() {
    let template = read(&printed(CONFIG, &[]));
    let all = resources(&template, "AWS::CloudWatch::Alarm");
    let heard: BTreeSet<String> = all
        .iter()
        .filter(|(_, alarm)| alarm["Properties"]["AlarmActions"][0]["Fn::GetAtt"][0] == "Tick")
        .map(|(_, alarm)| alarm["Properties"]["AlarmName"].as_str().unwrap().to_owned())
        .collect();
    let expected = ["headroom-linux-pool-exhausted", "headroom-linux-queue-without-capacity"];
    assert!(heard.len() == 4 && expected.iter().all(|name| heard.contains(*name)), "{heard:?}");
    let composites = resources(&template, "AWS::CloudWatch::CompositeAlarm");
    for (id, composite) in composites {
        let parts =
            composite["Properties"]["AlarmRule"].as_str().unwrap().matches("ALARM(").count();
        assert_eq!(composite["DependsOn"].as_array().unwrap().len(), parts, "{id}");
    }
    for (id, dashboard) in resources(&template, "AWS::CloudWatch::Dashboard") {
        let body = dashboard["Properties"]["DashboardBody"]["Fn::Sub"].as_str().unwrap();
        let filled = body
            .replace("${AWS::Region}", "eu-west-1")
            .replace("${AWS::Partition}", "aws")
            .replace("${AWS::AccountId}", "123456789012")
            .replace("${!", "${");
        assert!(serde_json::from_str::<Value>(&filled).is_ok() && !filled.contains('@'), "{id}");
    }
}

/// Runs `adapters/aws/deploy` with an `aws` that only writes down what it is asked.
fn deployed(zips: &[&str], arguments: &[&str]) -> (Ended, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("headroom.toml"), CONFIG).unwrap();
    let aws = r#"#!/bin/sh
        echo "$@" >> "$ASKED"
        case $* in *ends_with*) printf 'aws autoscaling suspend-processes a\taws autoscaling b\n' ;; esac
    "#;
    std::fs::write(path("aws"), aws).unwrap();
    std::fs::set_permissions(path("aws"), std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .unwrap();
    for name in zips {
        std::fs::create_dir_all(path(name)).unwrap();
        std::fs::write(path(name).join("bootstrap.zip"), name).unwrap();
    }
    let mut deploy = Command::new(repository().join("adapters/aws/deploy"));
    let search = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    deploy.current_dir(folder.path()).args(arguments).env("PATH", search);
    deploy.env("ASKED", path("asked")).env("ZIPS", folder.path());
    deploy.env("HEADROOM", env!("CARGO_BIN_EXE_headroom"));
    let ended = read_with(deploy, b"");
    (ended, std::fs::read_to_string(path("asked")).unwrap_or_default())
}

/// A parameter keeps in the next deployment what it was in the last.
#[test]
fn no_parameter_holds_what_the_configuration_says() {
    let whole = printed(CONFIG, &GROUPS);
    let (parameters, resources) = whole.split_once("\nResources:\n").unwrap();
    for configured in ["\"labels\"", "runners_max", "'repository'"] {
        assert!(!parameters.contains(configured), "{configured}");
    }
    assert_eq!(resources.matches("HEADROOM_POOLS: '[{").count(), 3, "of each function");
}

#[test]
fn one_command_uploads_what_the_template_needs_and_deploys_it() {
    let both = ["ingest-lambda", "scaler-lambda"];
    let (ended, asked) = deployed(&both, &["code", "headroom", "ExtensionLayerArn=arn:x"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let lines: Vec<&str> = asked.lines().collect();
    assert!(lines[0].starts_with("s3 cp --only-show-errors") && lines[0].contains("ingest"));
    assert!(lines[1].contains("s3://code/scaler-lambda/"), "{asked}");
    let deploy = lines[2];
    for part in ["--s3-bucket code", "CodeBucket=code", "ExtensionLayerArn=arn:x", "ScalerCodeKey="]
    {
        assert!(deploy.contains(part), "{deploy}");
    }
    let suspended = ["autoscaling suspend-processes a", "autoscaling b"];
    assert_eq!(lines[4..6], suspended, "of each group that the stack names: {asked}");
    let only = ["code", "headroom", "--", "--only", "ingest"];
    let (ended, asked) = deployed(&both[..1], &only);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert!(!asked.contains("scaler"), "{asked}");
    let (ended, asked) = deployed(&both, &["code", "headroom", "RollUps=article"]);
    assert_eq!((ended.code, asked.as_str()), (Some(2), ""), "nothing is done by halves");
    assert!(ended.stderr.contains("the template has no parameter RollUps"), "{}", ended.stderr);
    let (ended, _) = deployed(&both[..1], &only[..2]);
    assert!(ended.code == Some(1) && ended.stderr.contains("scaler-lambda/bootstrap.zip"));
}

#[test]
fn one_command_builds_the_zips_each_with_its_own_features() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("cargo"), "#!/bin/sh\necho \"$@\" >> \"$ASKED\"\n").unwrap();
    std::fs::set_permissions(path("cargo"), std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .unwrap();
    let built = |arguments: &[&str]| {
        let mut build = Command::new(repository().join("adapters/aws/build"));
        let search = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
        build.args(arguments).env("PATH", search).env("ASKED", path("asked"));
        let ended = read_with(build, b"");
        let asked = std::fs::read_to_string(path("asked")).unwrap_or_default();
        let _ = std::fs::remove_file(path("asked"));
        (ended.code, ended.stderr, asked)
    };
    let line = |architecture: &str, of: &str, features: &str| {
        format!(
            "lambda build --release --locked {architecture} --output-format zip --package {of}{features}\n"
        )
    };
    let ingest = "headroom-lambda --bin ingest-lambda";
    let scaler = "headroom-scaler-lambda --bin scaler-lambda";
    let usual = line("--arm64", ingest, "") + &line("--arm64", scaler, "");
    assert_eq!(built(&[]), (Some(0), String::new(), usual));
    let other = line("--x86-64", ingest, "") + &line("--x86-64", scaler, " --features ec2");
    assert_eq!(built(&["--ec2", "--x86-64"]), (Some(0), String::new(), other));
    let (code, told, asked) = built(&["--help"]);
    assert!(code == Some(2) && told.contains("adapters/aws/build [--x86-64]") && asked.is_empty());
}
