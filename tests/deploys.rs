//! `adapters/aws/deploy` with AWS's own command line, and CloudFormation as an emulator has it.

#[expect(dead_code, reason = "others ask for more of it")]
#[path = "cloud/ministack.rs"]
mod ministack;

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use ministack::Ministack;

use crate::template::{CONFIG, GROUPS, printed};
use crate::world::{Ended, read_with, repository, tool, until};

const REGION: &str = "eu-central-1";

/// A zip without files.
const EMPTY_ZIP: [u8; 22] = *b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// Types of resources that the emulator refuses; of alarms it refuses those that are computed.
const REFUSED: [&str; 2] = ["AWS::AutoScaling::WarmPool", "AWS::CloudWatch::CompositeAlarm"];

/// An account with a bucket for code.
struct Account {
    emulator: Ministack,
    folder: TempDir,
}

impl Account {
    fn new() -> Account {
        let emulator = Ministack::start(&repository(), REGION);
        let account = Account { emulator, folder: tempfile::tempdir().unwrap() };
        for name in ["ingest-lambda", "scaler-lambda"] {
            std::fs::create_dir(account.path(name)).unwrap();
            std::fs::write(account.path(name).join("bootstrap.zip"), EMPTY_ZIP).unwrap();
        }
        // The emulator cannot suspend processes, so what is asked is written down.
        let aws = tool("ministack/bin/aws");
        let exec = format!("*) exec '{}' \"$@\" ;;", aws.display());
        let does =
            format!("case $* in *suspend-processes*) echo \"$*\" >>\"$ASKED\" ;; {exec} esac");
        account.program("aws", &does);
        account.program("headroom", "cat \"${0%/*}/template.yaml\"");
        account.aws(&["s3", "mb", "s3://code"]);
        account
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn program(&self, name: &str, does: &str) {
        std::fs::write(self.path(name), format!("#!/bin/sh\n{does}\n")).unwrap();
        std::fs::set_permissions(self.path(name), PermissionsExt::from_mode(0o755)).unwrap();
    }

    fn run(&self, mut command: Command) -> Ended {
        let search = format!("{}:{}", self.folder.path().display(), std::env::var("PATH").unwrap());
        command
            .current_dir(self.folder.path())
            .envs([("AWS_ACCESS_KEY_ID", "key"), ("AWS_SECRET_ACCESS_KEY", "secret")])
            .envs([
                ("AWS_ENDPOINT_URL", self.emulator.url().as_str()),
                ("AWS_DEFAULT_REGION", REGION),
            ])
            .envs([("PATH", search.as_str()), ("AWS_PAGER", ""), ("AWS_CONFIG_FILE", "/dev/null")])
            .env("ASKED", self.path("asked"))
            .env("ZIPS", self.folder.path())
            .env("HEADROOM", self.path("headroom"));
        let ended = read_with(command, b"");
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        ended
    }

    fn aws(&self, arguments: &[&str]) -> Value {
        let mut aws = Command::new(self.path("aws"));
        aws.args(arguments).args(["--output", "json"]);
        serde_json::from_str(&self.run(aws).stdout).unwrap_or_default()
    }

    /// Deploys what the configuration says, with these parameters.
    fn deploy(&self, config: &str, parameters: &[&str]) {
        std::fs::write(self.path("template.yaml"), taken(&printed(config, &GROUPS))).unwrap();
        let mut deploy = Command::new(repository().join("adapters/aws/deploy"));
        deploy.args(["code", "headroom"]).args(parameters);
        self.run(deploy);
    }

    /// The variables of a function, whose name begins so.
    fn variables(&self, function: &str) -> Value {
        let functions = self.aws(&["lambda", "list-functions"])["Functions"].take();
        let is_it = |one: &&Value| one["FunctionName"].as_str().unwrap().contains(function);
        functions.as_array().unwrap().iter().find(is_it).unwrap()["Environment"]["Variables"]
            .clone()
    }

    /// Names and sizes of groups.
    fn groups(&self) -> Vec<(String, u64, u64, bool)> {
        let all = self.aws(&["autoscaling", "describe-auto-scaling-groups"]);
        let told = |group: &Value| {
            let size = |key: &str| group[key].as_u64().unwrap();
            let name = group["AutoScalingGroupName"].as_str().unwrap().to_owned();
            let is_protected = group["NewInstancesProtectedFromScaleIn"] == true;
            (name, size("MinSize"), size("MaxSize"), is_protected)
        };
        let mut groups: Vec<_> =
            all["AutoScalingGroups"].as_array().unwrap().iter().map(told).collect();
        groups.sort();
        groups
    }
}

/// A template without what the emulator refuses.
fn taken(template: &str) -> String {
    let mut blocks: Vec<String> = Vec::new();
    for line in template.split_inclusive('\n') {
        let is_inner = line.starts_with("   ") || line.starts_with("  #") || line == "\n";
        match blocks.last_mut().filter(|_| is_inner) {
            Some(block) => block.push_str(line),
            None => blocks.push(line.to_owned()),
        }
    }
    let is_taken = |block: &String| {
        let is_computed =
            block.contains("\"AWS::CloudWatch::Alarm\"") && block.contains("\"Metrics\":[");
        !is_computed && !REFUSED.iter().any(|kind| block.contains(kind))
    };
    blocks.into_iter().filter(is_taken).collect()
}

#[test]
fn a_stack_has_what_the_configuration_says_and_after_a_change_what_it_says_then() {
    let account = Account::new();
    let layer = account.aws(&[
        "lambda",
        "publish-layer-version",
        "--layer-name",
        "extension",
        "--zip-file",
        "fileb://ingest-lambda/bootstrap.zip",
    ]);
    let layer = format!("ExtensionLayerArn={}", layer["LayerVersionArn"].as_str().unwrap());
    let profile = "RunnerProfileArn=arn:aws:iam::123456789012:instance-profile/runner";
    let runners = ["RunnerSubnets=subnet-1", "RunnerSecurityGroups=sg-1", profile];
    account.deploy(CONFIG, &[&[layer.as_str()], &runners[..]].concat());
    let group = |name: &str, max| (format!("headroom-{name}-runners"), 0, max, true);
    let others = group("build-big-1aec8631", 10);
    assert_eq!(account.groups(), [others.clone(), group("linux", 60)]);
    let tick = account.variables("Tick");
    assert_eq!(
        (&tick["HEADROOM_ROLE"], &tick["HEADROOM_SCALER_MODE"]),
        (&json!("tick"), &json!("dry-run"))
    );
    let suspended = std::fs::read_to_string(account.path("asked")).unwrap();
    for (group, ..) in account.groups() {
        let asked =
            format!("suspend-processes --auto-scaling-group-name {group} --scaling-processes");
        assert!(suspended.contains(&asked), "{suspended}");
    }
    let rules = account.aws(&["events", "list-rules"]);
    assert_eq!(rules["Rules"].as_array().unwrap().len(), 5);
    let boards = account.aws(&["cloudwatch", "list-dashboards"]);
    assert_eq!(boards["DashboardEntries"].as_array().unwrap().len(), 4);

    // Nobody names the parameters again.
    let changed = CONFIG.replace("runners_max_exhausted = 60", "runners_max_exhausted = 80");
    assert_ne!(changed, CONFIG);
    account.deploy(&changed, &["ScalerMode=act"]);
    assert_eq!(account.groups(), [others, group("linux", 80)]);
    for function in ["Tick", "Lifecycle"] {
        let variables = account.variables(function);
        let pools = variables["HEADROOM_POOLS"].as_str().unwrap();
        assert!(pools.contains("\"runners_max_exhausted\":80"), "{function}: {pools}");
        assert_eq!(variables["HEADROOM_SCALER_MODE"], "act");
    }
    assert!(account.variables("Ingest")["HEADROOM_POOLS"].as_str().unwrap().contains("build,big"));
}
