//! Auto Scaling groups and what lies ready for their instances: may the scaler do its work, and does
//! somebody answer the hooks? Nothing is changed; each IAM action that is missing is named.

use std::time::Duration;

use model::Timestamp;

use super::aws::{failed, told};
use super::{Finding, Verdict};
use crate::cloud::{Cloud, ScaledGroup};

const GROUPS: &str = "groups";
const PARAMETERS: &str = "runner parameters";

/// What instances take their configuration from lies below this.
const PLACE: &str = "/headroom/runners";

/// The tick function takes away what lies there without an instance after a quarter of an hour and
/// looks every five minutes; what an instance needs it takes within minutes.
const LEFT_FOR: Duration = Duration::from_mins(30);

/// The processes by which a group ends instances of its own choice.
const ENDING: [&str; 2] = ["AZRebalance", "ReplaceUnhealthy"];

/// All findings about these groups; without names those that the template made.
pub(super) fn findings(cloud: &Cloud, names: &[String], now: Timestamp) -> Vec<Finding> {
    let groups = match cloud.groups(names) {
        Ok(groups) => groups,
        Err(failure) => return vec![failed(GROUPS, &failure)],
    };
    let is_there = |name: &&String| groups.iter().any(|group| group.name == **name);
    let missing = names.iter().filter(|name| !is_there(name)).map(|name| {
        let found = format!("{name} is not there");
        Finding::bad(GROUPS, Verdict::Error, found, "look at its name, at region and account")
    });
    let mut findings: Vec<Finding> = missing.collect();
    if groups.is_empty() && names.is_empty() {
        let remedy = "name groups that were made by other means: --group NAME";
        let found = "no group has the tag headroom:pool";
        findings.push(Finding::bad(GROUPS, Verdict::Warning, found, remedy));
    }
    findings.extend(groups.iter().flat_map(group));
    let lying = cloud.parameters(PLACE).map(|lying| parameters(&lying, now));
    findings.push(told(PARAMETERS, lying));
    findings
}

fn group(group: &ScaledGroup) -> Vec<Finding> {
    let ScaledGroup { name, min, is_protected, suspended, has_launch_hook, at_hook } = group;
    let mut findings = Vec::new();
    let mut bad = |verdict, found: String, remedy: String| {
        findings.push(Finding::bad(GROUPS, verdict, format!("{name}: {found}"), remedy));
    };
    if !is_protected {
        let found = "new instances are not protected from scale-in: AWS may end one that has a job";
        let remedy =
            "set NewInstancesProtectedFromScaleIn, and protect the instances that are there";
        bad(Verdict::Error, found.to_owned(), remedy.to_owned());
    }
    if *min > 0 {
        let found =
            format!("its minimum is {min}, at which AWS refuses to end an instance by its name");
        let remedy = "set it to 0: the scaler holds runners_min";
        bad(Verdict::Error, found, remedy.to_owned());
    }
    let active = ENDING.iter().filter(|process| !suspended.contains(**process));
    let active: Vec<&str> = active.copied().collect();
    if !active.is_empty() {
        let found = format!("{} may end an instance that has a job", active.join(" and "));
        let remedy = format!(
            "aws autoscaling suspend-processes --auto-scaling-group-name {name} \
             --scaling-processes {}",
            active.join(" ")
        );
        bad(Verdict::Warning, found, remedy);
    }
    if !has_launch_hook {
        let found = "no hook holds up what starts: instances go into service before their runner is \
                     registered";
        let remedy = "fine where instances register by themselves; else add the hook \
                      headroom-launching at autoscaling:EC2_INSTANCE_LAUNCHING";
        bad(Verdict::Warning, found.to_owned(), remedy.to_owned());
    }
    if findings.is_empty() {
        let waiting = match at_hook {
            0 => String::new(),
            1 => "; 1 instance waits at a hook".to_owned(),
            many => format!("; {many} instances wait at a hook"),
        };
        let found = format!("{name}: protected, minimum 0, a hook at the start{waiting}");
        findings.push(Finding::ok(GROUPS, found));
    }
    findings
}

fn parameters(lying: &[(String, Option<Timestamp>)], now: Timestamp) -> Finding {
    let is_old = |at: &Option<Timestamp>| at.is_some_and(|at| now.saturating_since(at) > LEFT_FOR);
    let old: Vec<&str> =
        lying.iter().filter(|(_, at)| is_old(at)).map(|(name, _)| name.as_str()).collect();
    let Some(first) = old.first() else {
        let found = match lying.len() {
            0 => format!("nothing lies below {PLACE}"),
            many => format!("{many} below {PLACE}, none of them left behind"),
        };
        return Finding::ok(PARAMETERS, found);
    };
    let minutes = LEFT_FOR.as_secs() / 60;
    let found = format!("{} older than {minutes} min, such as {first}", old.len());
    let remedy = "the tick function takes away what has no instance: look whether it runs, acts \
                  (ScalerMode), knows GitHub and may ssm:DeleteParameter; if there is an instance, \
                  whether that may ssm:GetParameter its own";
    Finding::bad(PARAMETERS, Verdict::Warning, found, remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn well() -> ScaledGroup {
        ScaledGroup {
            name: "linux".into(),
            min: 0,
            is_protected: true,
            suspended: ENDING.map(str::to_owned).into(),
            has_launch_hook: true,
            at_hook: 2,
        }
    }

    #[test]
    fn each_thing_that_is_wrong_is_said_with_what_to_do() {
        let found = group(&well());
        assert_eq!(found[0].verdict, Verdict::Ok);
        assert!(found[0].found.contains("2 instances wait"), "{found:?}");
        let bare = ScaledGroup {
            min: 1,
            is_protected: false,
            suspended: ["AZRebalance".to_owned()].into(),
            has_launch_hook: false,
            ..well()
        };
        let found = group(&bare);
        let verdicts: Vec<Verdict> = found.iter().map(|one| one.verdict).collect();
        assert_eq!(verdicts, [Verdict::Error, Verdict::Error, Verdict::Warning, Verdict::Warning]);
        assert!(found[2].remedy.ends_with("--scaling-processes ReplaceUnhealthy"), "{found:?}");
    }

    #[test]
    fn a_configuration_that_nobody_took_for_half_an_hour_was_left_behind() {
        let now = Timestamp::from_secs(10_000);
        let lying =
            |minutes| vec![("/p".to_owned(), Some(now.minus(Duration::from_mins(minutes))))];
        assert_eq!(parameters(&[], now).verdict, Verdict::Ok);
        assert_eq!(parameters(&lying(29), now).verdict, Verdict::Ok);
        let left = parameters(&lying(31), now);
        assert_eq!(left.verdict, Verdict::Warning);
        assert!(left.found.contains("1 older than 30 min, such as /p"), "{left:?}");
    }
}
