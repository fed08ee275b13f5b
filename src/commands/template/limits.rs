//! What CloudFormation takes, and what of a template it would not.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>

use crate::exit::Failure;

/// All variables of a function together.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const VARIABLES_BYTES_MAX: usize = 4_096;

/// What is left of these for names and for all variables beside the pools: log groups, roll-ups, who
/// registers runners, where secrets lie.
const OTHERS_BYTES: usize = 896;

/// A template in S3; `aws cloudformation deploy --s3-bucket` puts one there that is over 51,200.
const BYTES_MAX: usize = 1_000_000;

/// Resources of one template.
const RESOURCES_MAX: usize = 500;

/// Parameters of one template.
const PARAMETERS_MAX: usize = 200;

/// Objects to a value that no variable of a function holds beside the others.
pub fn variable(what: &str, text: &str) -> Result<(), Failure> {
    let (len, most) = (text.len(), VARIABLES_BYTES_MAX - OTHERS_BYTES);
    let problem =
        || format!("{what} are {len} bytes of JSON, and a function's variable holds {most}");
    if len <= most { Ok(()) } else { Err(wrong(problem())) }
}

/// Objects to a template that CloudFormation would not take.
pub fn check(text: &str) -> Result<(), Failure> {
    for (what, found, most) in [
        ("bytes", text.len(), BYTES_MAX),
        ("resources", members(text, "Resources"), RESOURCES_MAX),
        ("parameters", members(text, "Parameters"), PARAMETERS_MAX),
    ] {
        if found > most {
            return Err(wrong(format!(
                "{found} {what} for so many pools, and a template holds {most}; name some of the \
                 pools by --pool and make a stack of them, and another of the others"
            )));
        }
    }
    Ok(())
}

fn wrong(problem: String) -> Failure {
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
        assert!(check(&of(RESOURCES_MAX)).is_ok());
        let error = check(&of(RESOURCES_MAX + 1)).unwrap_err();
        assert!(format!("{error:?}").contains("501 resources"), "{error:?}");
        let most = VARIABLES_BYTES_MAX - OTHERS_BYTES;
        assert!(variable("x", &"y".repeat(most)).is_ok());
        assert!(variable("x", &"y".repeat(most + 1)).is_err());
        assert!(check(&"#".repeat(BYTES_MAX + 1)).is_err());
    }
}
