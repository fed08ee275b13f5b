//! An instance of a warm pool: it prepares and waits for its time, and never registers meanwhile.

use super::instance::{ID, Instance};
use crate::world::until;

const PREPARATION: &str = "#!/usr/bin/env bash\necho prepared >>\"${0%/*}/../prepared\"\n";

#[test]
fn a_warming_instance_prepares_says_so_and_never_registers() {
    for state in ["Warmed:Stopped", "Warmed:Running", "Warmed:Hibernated"] {
        let instance = Instance::wanted(state);
        instance.program("prepare/10-images", PREPARATION);
        instance.program("prepare/20-broken", "#!/usr/bin/env bash\nexit 3\n");
        instance.parameter("warming", "yes");
        let ended = instance.life();
        assert_eq!(ended.code, Some(0), "{state}: {}", ended.stderr);
        assert_eq!(instance.read("prepared"), "prepared\n", "{state}");
        ended.says("20-broken ended with 3").says("ready for the warm pool");
        assert!(!instance.has_parameter("warming"), "{state}: the control plane waits for that");
        assert!(instance.has_parameter("config"), "{state}");
        assert!(instance.read("home/starts").is_empty() && !instance.is_off(), "{state}");
        assert!(!instance.read("asked").contains("get-parameter"), "{state}");
    }
}

#[test]
fn it_registers_when_it_is_started_again_to_serve() {
    let instance =
        Instance::wanted("Warmed:Stopped").runner("says 'Listening for Jobs'; begins; completes");
    instance.program("prepare/10-images", PREPARATION);
    instance.parameter("warming", "yes");
    instance.life();
    instance.metadata.holds("autoscaling/target-lifecycle-state", "InService");
    let ended = instance.life();
    assert!(instance.is_off(), "{}", ended.stderr);
    assert_eq!(instance.read("home/starts").lines().count(), 1);
    assert_eq!(instance.read("prepared"), "prepared\n", "a job does not wait for it");
}

#[test]
fn the_end_of_its_preparation_is_told_also_to_a_control_plane_that_is_slow() {
    let instance = Instance::wanted("Warmed:Stopped");
    let running = instance.boot();
    until("it asks", || instance.read("asked").contains("delete-parameter").then_some(()));
    instance.parameter("warming", "yes");
    running.ended().says("ready for the warm pool");
    assert!(!instance.has_parameter("warming"));
}

#[test]
fn it_does_not_wait_for_ever_to_tell_it() {
    let instance = Instance::wanted("Warmed:Stopped").var("RUNNER_CONFIG_SECS_MAX", "0");
    let ended = instance.life();
    ended.says("nobody waits to hear it: An error occurred (ParameterNotFound)");
    assert!(ended.code == Some(0) && !instance.is_off(), "the group stops it");
}

#[test]
fn an_instance_that_no_group_wants_in_service_is_left_as_it_is() {
    for (state, words) in [("", "in no Auto Scaling group"), ("Standby", "'Standby'")] {
        let instance = Instance::wanted(state).var("RUNNER_STATE_SECS_MAX", "0");
        let ended = instance.life();
        ended.says(words);
        assert!(ended.code == Some(0) && !instance.is_off(), "{state}");
        assert!(instance.read("asked").is_empty(), "{state}");
    }
    let instance = Instance::wanted("Terminated");
    assert!(instance.life().code == Some(0) && instance.is_off());
    assert!(instance.read("asked").is_empty(), "{ID} is about to end");
}
