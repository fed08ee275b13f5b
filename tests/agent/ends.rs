//! Whatever happens, the instance ends, and says of what.

use super::instance::Instance;
use crate::world::until;

/// A runner with a job that goes on.
const BUSY: &str = "says 'Listening for Jobs'; begins; works";

#[track_caller]
fn check_off(instance: &Instance, words: &str) {
    let ended = instance.life();
    ended.says(words);
    assert!(instance.is_off(), "{}", ended.stderr);
}

#[test]
fn a_configuration_that_never_comes_ends_it_after_its_limit() {
    let instance = Instance::in_service().var("RUNNER_CONFIG_SECS_MAX", "1");
    instance.parameter("config", "");
    check_off(&instance, "no configuration within 1 s: An error occurred (ParameterNotFound)");
    assert!(instance.read("home/starts").is_empty());
}

#[test]
fn a_spot_notice_stops_the_runner_and_names_its_job() {
    let instance = Instance::in_service().runner(BUSY);
    let running = instance.boot();
    until("its job is noted", || (!instance.told("job").is_empty()).then_some(()));
    let notice = r#"{"action": "terminate", "time": "2026-11-27T08:22:00Z"}"#;
    instance.metadata.holds("spot/instance-action", notice);
    let ended = running.ended();
    ended.says("AWS takes the instance away at 2026-11-27T08:22:00Z").says("Spot interruption");
    assert_eq!(instance.read("home/signals"), "INT\n");
    let [line] = &instance.told("spot")[..] else { panic!("{}", ended.stderr) };
    assert_eq!(
        (line["repository"].as_str(), line["run"].as_str()),
        (Some("acme/app"), Some("4200000000"))
    );
    assert!(instance.is_off());
}

#[test]
fn a_stop_of_the_system_lets_the_runner_end_first() {
    let instance = Instance::in_service().runner(BUSY);
    let running = instance.boot();
    until("its job is noted", || (!instance.told("job").is_empty()).then_some(()));
    running.stop(&instance).says("the system goes down").says("before its job was done");
    assert_eq!(instance.read("home/signals"), "INT\n");
}

#[test]
fn a_stop_before_there_is_a_runner_ends_the_instance() {
    let instance = Instance::in_service();
    instance.parameter("config", "");
    let running = instance.boot();
    until("it asks", || instance.read("asked").contains("get-parameter").then_some(()));
    running.stop(&instance).says("before the runner was started");
    assert!(instance.is_off());
}

#[test]
fn what_outlives_its_limit_is_ended() {
    let waits = "says 'Listening for Jobs'; works";
    for (limit, does, words) in [
        ("RUNNER_CONNECT_SECS_MAX", "works", "it never connected to GitHub"),
        ("RUNNER_IDLE_SECS_MAX", waits, "it got no job for 1 s"),
        ("RUNNER_JOB_SECS_MAX", BUSY, "its job takes longer than 1 s"),
    ] {
        let instance = Instance::in_service().runner(does).var(limit, "1");
        check_off(&instance, words);
        assert_eq!(instance.read("home/signals"), "INT\n", "{limit}");
    }
}

#[test]
fn a_runner_that_does_not_hear_is_not_waited_for() {
    let deaf = "trap '' INT; works";
    let limits = |instance: Instance| {
        instance.var("RUNNER_CONNECT_SECS_MAX", "0").var("RUNNER_STOP_SECS_MAX", "1")
    };
    check_off(&limits(Instance::in_service().runner(deaf)), "did not stop within 1 s");
}

#[test]
fn a_runner_that_crashes_ends_it_with_its_last_words() {
    for (does, words) in [
        ("echo 'no network'; exit 1", "ended with 1 and had no job: no network"),
        // As run.sh does whatever happened to the runner.
        ("echo 'Session Conflict'; exit 0", "ended with 0 and had no job: Session Conflict"),
        (
            "says 'Listening for Jobs'; begins; kill -KILL $$",
            "ended with 137 before its job was done",
        ),
    ] {
        check_off(&Instance::in_service().runner(does), words);
    }
}

#[test]
fn an_instance_without_its_programs_ends() {
    let without_aws = Instance::in_service().lacks("aws").var("RUNNER_CONFIG_SECS_MAX", "0");
    check_off(&without_aws, "no configuration within 0 s");
    let without_runner = Instance::in_service();
    std::fs::remove_file(without_runner.path("home/run.sh")).unwrap();
    check_off(&without_runner, "ended with 127 and had no job");
    let nowhere = Instance::in_service().var("RUNNER_STATE_SECS_MAX", "0");
    nowhere.metadata.holds("instance-id", "");
    check_off(&nowhere, "no metadata within 0 s");
}
