//! What a job reaches: not the instance's metadata, and by them its role.

use std::os::unix::fs::MetadataExt;

use super::instance::Instance;

const ONE_JOB: &str = "says 'Listening for Jobs'; begins; completes";

/// The user that runs the tests stands for the runner's.
fn uid() -> u32 {
    tempfile::tempdir().unwrap().path().metadata().unwrap().uid()
}

#[test]
fn metadata_are_kept_from_the_runners_user_before_it_gets_anything() {
    let instance = Instance::in_service().runner(ONE_JOB).has("iptables").has("ip6tables");
    instance.life();
    let rules = instance.read("rules");
    assert!(rules.starts_with("nft -f -\ntable inet headroom {"), "{rules}");
    for address in ["ip daddr 169.254.169.254", "ip6 daddr fd00:ec2::254"] {
        assert!(rules.contains(&format!("meta skuid {} {address} reject", uid())), "{rules}");
    }
    assert!(!rules.contains("tables "), "one of them is enough: {rules}");
}

#[test]
fn iptables_stands_in_for_nft() {
    let instance = Instance::in_service().runner(ONE_JOB).lacks("nft");
    let instance = instance.has("iptables").has("ip6tables");
    let ended = instance.life();
    let owner = format!("-m owner --uid-owner {} -j REJECT", uid());
    let expected = format!(
        "iptables -w 5 -I OUTPUT -d 169.254.169.254 {owner}\n\
         ip6tables -w 5 -I OUTPUT -d fd00:ec2::254 {owner}\n"
    );
    assert_eq!(instance.read("rules"), expected, "{}", ended.stderr);
    assert_eq!(instance.read("home/starts").lines().count(), 1);
}

#[test]
fn where_nothing_keeps_them_away_no_job_is_taken_unless_that_is_allowed() {
    let instance = Instance::in_service().runner(ONE_JOB).lacks("nft");
    let ended = instance.life();
    ended.says("neither nft nor iptables").says("RUNNER_METADATA=allowed");
    assert!(instance.is_off() && instance.has_parameter("config"), "{}", ended.stderr);
    assert!(instance.read("home/starts").is_empty() && instance.read("asked").is_empty());

    let instance = Instance::in_service().runner(ONE_JOB).lacks("nft");
    let instance = instance.var("RUNNER_METADATA", "allowed");
    instance.life().says("jobs reach the instance's metadata");
    assert_eq!(instance.read("home/starts").lines().count(), 1);
}

#[test]
fn a_rule_that_is_not_taken_is_no_rule() {
    let instance = Instance::in_service().runner(ONE_JOB);
    instance.program("tools/nft", "#!/usr/bin/env bash\ncat >/dev/null\nexit 1\n");
    instance.life().says("nft took no rule");
    assert!(instance.is_off() && instance.read("home/starts").is_empty());
}
