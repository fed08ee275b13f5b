//! What CloudFormation takes, and what of a template it would not.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>

use crate::exit::Failure;

/// A template in S3; `aws cloudformation deploy --s3-bucket` puts one there that is over 51,200.
const BYTES_MAX: usize = 1_000_000;

/// Resources of one template.
const RESOURCES_MAX: usize = 500;

/// Parameters of one template.
const PARAMETERS_MAX: usize = 200;

/// Characters of a rule's pattern that the names of groups may take.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>
const PATTERN_MAX: usize = 4_096 - 500;

/// Characters of a role's inline policies that the ARNs of groups may take: what else stands there
/// takes less than the rest.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const POLICIES_MAX: usize = 10_240 - 2_500;

/// The longest ARN of a group, without its name.
const ARN_LEN: usize =
    "\"arn:aws-us-gov:autoscaling:us-gov-west-1:123456789012:autoScalingGroup:*:autoScalingGroupName/\","
        .len();

/// Objects to more groups than a rule and a role can name.
pub fn groups<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), Failure> {
    let (mut pattern, mut policy, mut count) = (0, 0, 0);
    for name in names {
        pattern += name.len() + "\"\",".len();
        policy += name.len() + ARN_LEN;
        count += 1;
    }
    let over = |what, found, most| {
        format!(
            "{count} groups take {found} characters of {what}, which has room for {most}; shorter \
                 names take less"
        )
    };
    match () {
        () if policy > POLICIES_MAX => Err(wrong(over("a role's policies", policy, POLICIES_MAX))),
        () if pattern > PATTERN_MAX => Err(wrong(over("a rule's pattern", pattern, PATTERN_MAX))),
        () => Ok(()),
    }
}

/// Objects to a template that CloudFormation would not take.
pub fn check(text: &str, is_without_alarms: bool) -> Result<(), Failure> {
    let way_out = match is_without_alarms {
        false => {
            "; --without-alarms leaves out a dozen resources for each, and `headroom alarms push` \
                  puts them"
        }
        true => "",
    };
    for (what, found, most) in [
        ("bytes", text.len(), BYTES_MAX),
        ("resources", members(text, "Resources"), RESOURCES_MAX),
        ("parameters", members(text, "Parameters"), PARAMETERS_MAX),
    ] {
        if found > most {
            return Err(wrong(format!(
                "{found} {what} for so many pools, and a template holds {most}{way_out}"
            )));
        }
    }
    Ok(())
}

pub fn wrong(problem: String) -> Failure {
    Failure::Argument { key: "pool".into(), problem }
}

/// How many members a section has: lines that are indented by two.
fn members(text: &str, section: &str) -> usize {
    let after = text.lines().skip_while(|line| line.strip_suffix(':') != Some(section)).skip(1);
    let body = after.take_while(|line| line.is_empty() || line.starts_with(' '));
    body.filter(|line| {
        line.strip_prefix("  ").is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric()))
    })
    .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(resources: usize) -> String {
        let members: Vec<_> = (0..resources).map(|i| format!("  R{i}:\n    Type: x\n")).collect();
        let members = members.concat();
        format!("Parameters:\n  P:\n    Type: String\n\nResources:\n{members}\nOutputs:\n  O: 1\n")
    }

    #[test]
    fn a_limit_is_a_limit_at_its_edge() {
        assert!(check(&of(RESOURCES_MAX), false).is_ok());
        let error = check(&of(RESOURCES_MAX + 1), false).unwrap_err();
        assert!(format!("{error:?}").contains("501 resources"), "{error:?}");
        assert!(check(&"#".repeat(BYTES_MAX + 1), true).is_err());
    }

    #[test]
    fn fifty_groups_of_usual_names_can_be_named() {
        let name = |i| format!("headroom-linux-large-{i:02}-runners");
        let names = |most| (0..most).map(name).collect::<Vec<_>>();
        assert!(groups(names(50).iter().map(String::as_str)).is_ok());
        let error = groups(names(70).iter().map(String::as_str)).unwrap_err();
        assert!(format!("{error:?}").contains("70 groups take"), "{error:?}");
    }
}
