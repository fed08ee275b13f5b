//! An instance in service: one registration, one job, and off.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use model::catalogue;

use super::instance::{CONFIG, ID, Instance};
use crate::world::{lint, until};

const ONE_JOB: &str = "says 'Listening for Jobs'; begins; completes";

#[test]
fn it_runs_one_job_and_switches_itself_off() {
    let instance = Instance::in_service().runner(ONE_JOB);
    let ended = instance.life();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(instance.is_off(), "{}", ended.stderr);
    assert_eq!(instance.read("home/starts"), "started with 0 arguments\n");
    assert!(!instance.has_parameter("config"));
    let job = &instance.told("end")[0];
    let expected = ["acme/app", "ci", "4200000000", "2", "build"];
    let named = ["repository", "workflow", "run", "attempt", "job"];
    assert_eq!(named.map(|name| job[name].as_str().unwrap()), expected);
    assert_eq!((job["pool"].as_str(), job["instance"].as_str()), (Some("linux"), Some(ID)));
}

#[test]
fn the_configuration_is_handed_to_the_runner_and_to_nobody_else() {
    let instance = Instance::in_service().runner(ONE_JOB);
    let ended = instance.life();
    let handed = format!("ACTIONS_RUNNER_INPUT_JITCONFIG={CONFIG}\n");
    assert!(instance.read("home/environment").contains(&handed));
    let places = ["logs/agent.log", "run/output", "run/error", "asked", "rules", "home/starts"];
    let mut said: Vec<String> = places.map(|place| instance.read(place)).into();
    said.push(ended.stderr);
    for text in said {
        assert!(!text.contains(CONFIG), "{text}");
    }
    let marks = fs::read_dir(instance.path("run/job")).unwrap();
    assert_eq!(marks.count(), 2, "one of the start and one of the end");
}

#[test]
fn a_configuration_that_had_to_be_packed_reaches_the_runner_as_github_gave_it() {
    let json = format!(r#"{{".credentials_rsaparams":"{}"}}"#, "c2VjcmV0".repeat(600));
    let config = BASE64_STANDARD.encode(&json);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(json.as_bytes()).unwrap();
    let instance = Instance::in_service().runner(ONE_JOB);
    instance.parameter("config", &BASE64_STANDARD.encode(gzip.finish().unwrap()));
    let ended = instance.life();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let handed = format!("ACTIONS_RUNNER_INPUT_JITCONFIG={config}\n");
    assert!(instance.read("home/environment").contains(&handed));
}

#[test]
fn what_begins_as_packed_and_is_not_starts_no_runner() {
    let instance = Instance::in_service().runner(ONE_JOB);
    instance.parameter("config", "H4sIAAAA");
    let ended = instance.life();
    assert!(ended.stderr.contains("cannot be unpacked"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("H4sIAAAA") && !instance.path("home/starts").exists());
}

#[test]
fn the_runners_environment_has_nothing_of_the_agents() {
    let instance =
        Instance::in_service().runner(ONE_JOB).var("AWS_SECRET_ACCESS_KEY", "of the agent");
    instance.life();
    let environment = instance.read("home/environment");
    let names: BTreeSet<&str> =
        environment.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
    let given = [
        "ACTIONS_RUNNER_HOOK_JOB_COMPLETED",
        "ACTIONS_RUNNER_HOOK_JOB_STARTED",
        "ACTIONS_RUNNER_INPUT_JITCONFIG",
        "HEADROOM_MARKS",
        "HOME",
        "LANG",
        "LOGNAME",
        "PATH",
        "RUNNER_MANUALLY_TRAP_SIG",
        "SHELL",
        "USER",
    ];
    let of_bash = ["PWD", "SHLVL", "_"];
    assert_eq!(names, given.into_iter().chain(of_bash).collect());
}

#[test]
fn it_waits_for_a_configuration_that_comes_late() {
    let instance = Instance::in_service().runner(ONE_JOB);
    instance.parameter("config", "");
    let running = instance.boot();
    until("it asks", || instance.read("asked").contains("get-parameter").then_some(()));
    instance.parameter("config", CONFIG);
    let ended = running.ended();
    assert_eq!(instance.read("home/starts").lines().count(), 1, "{}", ended.stderr);
    assert!(instance.read("asked").starts_with("eu-west-1: ssm get-parameter --name /headroom/"));
}

#[test]
fn where_the_time_of_a_boot_went_is_one_line_of_the_catalogues_metrics() {
    let instance = Instance::in_service().runner(ONE_JOB);
    instance.life();
    let lines = instance.told("boot");
    let emf: Vec<_> = lines.iter().filter(|line| line["_aws"].is_object()).collect();
    let [line] = emf[..] else { panic!("{emf:?}") };
    let linted = lint(&line.to_string());
    assert_eq!(linted.code, Some(0), "{}{}", linted.stdout, linted.stderr);
    let directive = &line["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(directive["Namespace"], catalogue::NAMESPACE);
    let metrics = directive["Metrics"].as_array().unwrap();
    assert_eq!(metrics.len(), 3);
    for metric in metrics {
        let name = metric["Name"].as_str().unwrap();
        let spec = catalogue::by_name(name).unwrap_or_else(|| panic!("{name} is nowhere"));
        assert_eq!(metric["Unit"], spec.unit.as_str(), "{name}");
        assert!(line[name].as_u64().is_some(), "{line}");
    }
}

#[test]
fn what_is_no_configuration_is_not_tried() {
    let instance = Instance::in_service().runner(ONE_JOB);
    instance.parameter("config", "two words");
    let ended = instance.life();
    ended.says("no configuration");
    assert!(instance.is_off() && instance.read("home/starts").is_empty(), "{}", ended.stderr);
}

#[test]
fn a_job_cannot_write_into_the_agents_lines_or_have_it_read_a_file_for_it() {
    let forged = r#"printf 'repository=a","step":"x\nrun=1"}\n{"step":"forged"}\nother=1\n' >"$HEADROOM_MARKS/started""#;
    let instance = Instance::in_service()
        .runner(&format!("says 'Listening for Jobs'; says 'Running job: x'; {forged}; completes"));
    instance.life();
    assert!(instance.told("forged").is_empty() && instance.told("x").is_empty());
    let job = &instance.told("end")[0];
    assert_eq!(job["repository"], "a?,?step?:?x");
    assert!(job["other"].is_null());
    // A pipe that nobody writes to holds up whoever reads it.
    let pipe = "rm -f \"$HEADROOM_MARKS/started\"; mkfifo \"$HEADROOM_MARKS/started\"";
    let instance = Instance::in_service()
        .runner(&format!("says 'Listening for Jobs'; says 'Running job: x'; {pipe}; completes"));
    assert_eq!(instance.life().code, Some(0));
    assert!(instance.is_off());
}
