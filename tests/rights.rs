//! What roles may do, by a simulation of IAM: each call that a function or an instance makes, and none that
//! would reach its peers.

use std::process::Command;

use serde_json::{Map, Value, json};

use crate::template::{CONFIG, GROUPS, printed, read};
use crate::world::{read_with, repository, tool};

const ACCOUNT: &str = "123456789012";

/// The ARN of something of that service.
fn arn(service: &str, what: &str) -> String {
    format!("arn:aws:{service}:eu-west-1:{ACCOUNT}:{what}")
}

fn parameter(name: &str) -> String {
    arn("ssm", &format!("parameter{name}"))
}

fn group(name: &str) -> String {
    arn("autoscaling", &format!("autoScalingGroup:0a1b2c3d:autoScalingGroupName/{name}"))
}

fn log_group(name: &str) -> String {
    arn("logs", &format!("log-group:{name}:*"))
}

fn stream(group: &str, name: &str) -> String {
    arn("logs", &format!("log-group:{group}:log-stream:{name}"))
}

/// What stands in a template without the functions of CloudFormation.
fn resolved(value: &Value, template: &Value) -> Value {
    if let Some(members) = value.as_object() {
        match members.iter().next().map(|(name, of)| (name.as_str(), of)) {
            Some(("Ref", of)) => return reference(of.as_str().unwrap(), template),
            Some(("Fn::Sub", of)) => return filled(of.as_str().unwrap(), template).into(),
            Some(("Fn::GetAtt", of)) => return attribute(of),
            _ => {}
        }
        let each = members.iter().map(|(name, member)| (name.clone(), resolved(member, template)));
        return Value::Object(each.collect::<Map<_, _>>());
    }
    match value.as_array() {
        Some(items) => items.iter().map(|item| resolved(item, template)).collect(),
        None => value.clone(),
    }
}

/// A pseudo parameter, the default of a parameter, or the name of a resource: its id.
fn reference(name: &str, template: &Value) -> Value {
    match name {
        "AWS::Partition" => json!("aws"),
        "AWS::Region" => json!("eu-west-1"),
        "AWS::AccountId" => json!(ACCOUNT),
        other => match &template["Parameters"][other]["Default"] {
            Value::Null => json!(other),
            default => default.clone(),
        },
    }
}

/// `${Name}` is a reference; anything else in braces, as a variable of IAM, stays.
fn filled(text: &str, template: &Value) -> String {
    let mut parts = text.split("${");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap();
        filled += reference(name, template).as_str().unwrap();
        filled += rest;
    }
    filled
}

fn attribute(of: &Value) -> Value {
    let dotted = of.as_str().map(|text| text.split('.').map(str::to_owned).collect::<Vec<_>>());
    let listed =
        || of.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect();
    let path: Vec<String> = dotted.unwrap_or_else(listed);
    assert_eq!(path[1], "Arn", "{of}");
    match path[0].as_str() {
        id @ ("Log" | "ScalerLog" | "RunnerLog") => json!(log_group(id)),
        "Lost" => json!(arn("sqs", "Lost")),
        id => json!(arn("iam", id)),
    }
}

/// A role of a template.
struct Role {
    policies: Vec<Value>,
}

impl Role {
    fn of(template: &Value, id: &str) -> Role {
        let policies = template["Resources"][id]["Properties"]["Policies"].as_array().unwrap();
        let document = |policy: &Value| resolved(&policy["PolicyDocument"], template);
        Role { policies: policies.iter().map(document).collect() }
    }

    /// With everything that AWS's policy for Systems Manager's agent allows about parameters.
    fn and_systems_manager(mut self) -> Role {
        let all = ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"];
        self.policies.push(json!({ "Version": "2012-10-17",
            "Statement": [{ "Effect": "Allow", "Action": all, "Resource": "*" }] }));
        self
    }

    /// What IAM says to each of these requests, of an instance if one is named.
    fn asks(&self, from: Option<&str>, requests: &[(&str, String, Option<&str>)]) -> Vec<bool> {
        let request = |(action, resource, of): &(&str, String, Option<&str>)| {
            let mut context = Map::new();
            context.insert("aws:RequestedRegion".into(), json!("eu-west-1"));
            if let Some(from) = from {
                context.insert("ec2:SourceInstanceARN".into(), json!(from));
            }
            if let Some(of) = of {
                context.insert("aws:ResourceTag/headroom:instance".into(), json!(of));
            }
            json!({ "action": action, "resource": resource, "context": context })
        };
        let requests: Vec<Value> = requests.iter().map(request).collect();
        let question =
            json!({ "account": ACCOUNT, "policies": self.policies, "requests": requests });
        let mut node = Command::new("node");
        node.arg(repository().join("tests/tools/iam.mjs"));
        let _ = tool("node/node_modules/@cloud-copilot/iam-simulate");
        let ended = read_with(node, question.to_string().as_bytes());
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let verdicts: Vec<String> = serde_json::from_str(&ended.stdout).unwrap();
        verdicts.iter().map(|verdict| verdict == "Allowed").collect()
    }

    #[track_caller]
    fn may(&self, requests: &[(&str, String)]) {
        self.check(requests, true);
    }

    #[track_caller]
    fn may_not(&self, requests: &[(&str, String)]) {
        self.check(requests, false);
    }

    #[track_caller]
    fn check(&self, requests: &[(&str, String)], expected: bool) {
        let asked: Vec<_> =
            requests.iter().map(|(action, on)| (*action, on.clone(), None)).collect();
        for ((action, on), is_allowed) in requests.iter().zip(self.asks(None, &asked)) {
            assert_eq!(is_allowed, expected, "{action} on {on}");
        }
    }
}

#[test]
fn an_instance_reads_and_deletes_what_bears_its_own_arn_and_nothing_else() {
    let template = read(&printed("", &["--only", "image"]));
    let own = arn("ec2", "instance/i-0123456789abcdef0");
    let peer = arn("ec2", "instance/i-0123456789abcdef1");
    let config = parameter("/headroom/runners/i-0123456789abcdef0/config");
    let on = |action, of| (action, config.clone(), of);
    let requests = [
        on("ssm:GetParameter", Some(own.as_str())),
        on("ssm:DeleteParameter", Some(own.as_str())),
        on("ssm:GetParameter", Some(peer.as_str())),
        on("ssm:DeleteParameter", Some(peer.as_str())),
        on("ssm:GetParameter", None),
        on("ssm:GetParameters", Some(peer.as_str())),
        ("ssm:GetParametersByPath", parameter("/headroom/runners"), None),
        ("ssm:GetParameter", parameter("/headroom/github-app-key"), None),
        ("autoscaling:CompleteLifecycleAction", group("linux"), None),
        ("ec2:TerminateInstances", peer.clone(), None),
    ];
    let role = Role::of(&template, "RunnerRole");
    let mut expected = [false; 10];
    (expected[0], expected[1]) = (true, true);
    assert_eq!(role.asks(Some(&own), &requests), expected);
    // Credentials that were carried off the instance read nothing.
    assert_eq!(role.asks(None, &requests), [false; 10]);
    let logs = [
        ("logs:PutLogEvents", stream("RunnerLog", "i-1")),
        ("logs:CreateLogStream", log_group("RunnerLog")),
    ];
    role.may(&logs);
    role.may_not(&[("logs:PutLogEvents", stream("ScalerLog", "i-1"))]);

    // A policy that is attached beside opens the account's other parameters, and none of a peer.
    let wider = role.and_systems_manager().asks(Some(&own), &requests);
    let key = 7;
    let expected: Vec<bool> = (0..10).map(|at| at < 2 || at == key).collect();
    assert_eq!(wider, expected);
}

#[test]
fn the_function_that_scales_may_make_every_call_that_it_makes_and_scale_no_other_group() {
    let template = read(&printed(CONFIG, &GROUPS));
    let role = Role::of(&template, "TickRole");
    let on_group = |action| (action, group("headroom-linux-runners"));
    let on_nothing = |action| (action, "*".to_owned());
    let own = "/headroom/runners/i-0123456789abcdef0/config";
    role.may(&[
        ("logs:FilterLogEvents", log_group("Log")),
        ("logs:FilterLogEvents", log_group("ScalerLog")),
        ("logs:StartQuery", log_group("Log")),
        on_nothing("logs:GetQueryResults"),
        ("logs:CreateLogStream", log_group("ScalerLog")),
        ("logs:PutLogEvents", stream("ScalerLog", "headroom-checkpoints")),
        ("logs:CreateLogStream", log_group("Log")),
        ("logs:PutLogEvents", stream("Log", "headroom-search")),
        ("cloudwatch:DescribeAlarms", arn("cloudwatch", "alarm:headroom-linux-pool-exhausted")),
        on_nothing("cloudwatch:GetMetricData"),
        on_nothing("autoscaling:DescribeAutoScalingGroups"),
        on_nothing("autoscaling:DescribeAutoScalingInstances"),
        on_nothing("autoscaling:DescribeWarmPool"),
        on_nothing("ec2:DescribeInstances"),
        on_group("autoscaling:SetDesiredCapacity"),
        on_group("autoscaling:PutWarmPool"),
        on_group("autoscaling:TerminateInstanceInAutoScalingGroup"),
        ("ssm:GetParameter", parameter("/headroom/github-app-key")),
        ("ssm:GetParametersByPath", parameter("/headroom/runners")),
        ("ssm:DeleteParameter", parameter(own)),
    ]);
    role.may_not(&[
        ("logs:StartQuery", log_group("ScalerLog")),
        ("autoscaling:SetDesiredCapacity", group("somebody-elses")),
        ("autoscaling:TerminateInstanceInAutoScalingGroup", group("somebody-elses")),
        ("autoscaling:UpdateAutoScalingGroup", group("headroom-linux-runners")),
        ("ec2:TerminateInstances", arn("ec2", "instance/i-0123456789abcdef0")),
        ("ssm:GetParameter", parameter(own)),
        ("ssm:PutParameter", parameter(own)),
        ("ssm:GetParameter", parameter("/somebody/elses")),
        ("logs:PutLogEvents", stream("somebody-elses", "x")),
    ]);
}

#[test]
fn the_function_that_registers_may_make_every_call_that_it_makes_and_end_no_instance() {
    let template = read(&printed(CONFIG, &GROUPS));
    let role = Role::of(&template, "LifecycleRole");
    let own = parameter("/headroom/runners/i-0123456789abcdef0/config");
    let on_own = |action| (action, own.clone());
    role.may(&[
        ("logs:CreateLogStream", log_group("ScalerLog")),
        ("logs:PutLogEvents", stream("ScalerLog", "x")),
        ("sqs:SendMessage", arn("sqs", "Lost")),
        ("ssm:GetParameter", parameter("/headroom/github-app-key")),
        on_own("ssm:PutParameter"),
        on_own("ssm:AddTagsToResource"),
        on_own("ssm:GetParameter"),
        on_own("ssm:DeleteParameter"),
        ("autoscaling:CompleteLifecycleAction", group("headroom-linux-runners")),
        ("autoscaling:DescribeAutoScalingInstances", "*".to_owned()),
    ]);
    role.may_not(&[
        ("autoscaling:CompleteLifecycleAction", group("somebody-elses")),
        ("autoscaling:SetDesiredCapacity", group("headroom-linux-runners")),
        ("autoscaling:TerminateInstanceInAutoScalingGroup", group("headroom-linux-runners")),
        ("ssm:PutParameter", parameter("/headroom/github-app-key")),
        ("ssm:DeleteParameter", parameter("/headroom/github-app-key")),
    ]);
}
