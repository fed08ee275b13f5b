//! The alarms and dashboards of the catalogue as resources.

use std::collections::BTreeMap;

use alarms::cloudwatch::{self as told, CloudWatch};
use alarms::{Severity, list};
use dashboards::board::Board;
use dashboards::cloudwatch::{self as drawn, CHOOSE_A_POOL};
use serde_json::{Map, Value, json};

use super::groups::id;
use super::parts::Parts;
use super::pools::Chosen;
use crate::bounds;
use crate::config::Config;
use crate::exit::Failure;

/// Stand where CloudFormation puts in what it alone knows. A region and an account are made of
/// letters that no text of ours holds.
const TOPIC: &str = "@TOPIC@";
const REGION: &str = "@REGION@";
const ACCOUNT: &str = "@ACCOUNT@";

/// The alarms that the scaler hears of at once.
const HEARD: [&str; 2] = [list::POOL_EXHAUSTED, list::QUEUE_WITHOUT_CAPACITY];

/// Whether the scaler registers runners, on which alarms depend.
const REGISTERS: &str = "Conditions:\n  Registers: !Not [!Equals [!Ref GitHub, \"\"]]\n";

/// Adds the alarms.
pub fn add_alarms(chosen: &Chosen, config: &Config, parts: &mut Parts) -> Result<(), Failure> {
    let rules = match chosen.pools.is_empty() {
        true => config.rules.clone().without(&list::OF_SCALER),
        false => {
            parts.add(REGISTERS);
            config.rules.clone()
        }
    };
    let topic = || vec![TOPIC.to_owned()];
    let actions = BTreeMap::from([(Severity::Page, topic()), (Severity::Ticket, topic())]);
    let pools = chosen.pools.iter().map(|scaled| scaled.pool.name.clone()).collect();
    let options = told::Options { pools, actions, base_url: config.page_url.clone() };
    let all = CloudWatch::of(&rules, &options).map_err(|error| Failure::Alarms(Box::new(error)))?;
    let ids: Vec<(String, String)> = all
        .metric_alarms
        .iter()
        .chain(&all.composite_alarms)
        .filter_map(|input| input["AlarmName"].as_str())
        .map(|name| (name.to_owned(), logical(name)))
        .collect();
    for input in all.metric_alarms {
        let id = logical(input["AlarmName"].as_str().unwrap_or_default());
        parts.resource(&id, &alarm("AWS::CloudWatch::Alarm", input, &[], !chosen.pools.is_empty()));
    }
    for input in all.composite_alarms {
        let id = logical(input["AlarmName"].as_str().unwrap_or_default());
        let rule = input["AlarmRule"].as_str().unwrap_or_default();
        let named = |(name, _): &&(String, String)| rule.contains(&format!("\"{name}\""));
        let after: Vec<&str> = ids.iter().filter(named).map(|(_, id)| id.as_str()).collect();
        parts.resource(&id, &alarm("AWS::CloudWatch::CompositeAlarm", input, &after, false));
    }
    Ok(())
}

/// The name is unlike that of any other alarm, and so are the letters and digits of its id.
fn logical(name: &str) -> String {
    format!("Alarm{}", id(name).trim_start_matches("Pool"))
}

fn alarm(kind: &str, mut input: Value, after: &[&str], has_scaler: bool) -> Value {
    let of = |input: &Value| {
        let tags = input["Tags"].as_array().cloned().unwrap_or_default();
        tags.iter().find(|tag| tag["Key"] == told::ALARM_TAG).map(|tag| tag["Value"].clone())
    };
    let name = of(&input).unwrap_or_default();
    if has_scaler && HEARD.iter().any(|heard| name == *heard) {
        input["ActionsEnabled"] = json!(true);
        for key in ["AlarmActions", "OKActions"] {
            input[key] = json!([{ "Fn::GetAtt": ["Tick", "Arn"] }]);
        }
    }
    let mut resource = Map::new();
    resource.insert("Type".into(), kind.into());
    if list::OF_REGISTRATION.iter().any(|it| name == *it) {
        resource.insert("Condition".into(), "Registers".into());
    }
    if input["ActionsEnabled"] == false {
        let why = "It acts by the alarm that it is part of, or is there to be looked at";
        let skip = json!([{ "id": "CKV_AWS_319", "comment": why }]);
        resource.insert("Metadata".into(), json!({ "checkov": { "skip": skip } }));
    }
    if !after.is_empty() {
        resource.insert("DependsOn".into(), json!(after));
    }
    resource.insert("Properties".into(), with_topic(input));
    Value::Object(resource)
}

/// The topic that is named, or that of the stack.
fn with_topic(value: Value) -> Value {
    match value {
        Value::String(text) if text == TOPIC => {
            json!({ "Fn::If": ["HasAlarmTopic", { "Ref": "AlarmTopicArn" }, { "Ref": "Topic" }] })
        }
        Value::Array(items) => items.into_iter().map(with_topic).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(key, member)| (key, with_topic(member))).collect()
        }
        other => other,
    }
}

/// Adds the dashboards.
pub fn add_dashboards(config: &Config, parts: &mut Parts) {
    let rules = &config.rules;
    let arn = |alarm: &alarms::Alarm, pool| {
        drawn::alarm_arn(REGION, ACCOUNT, &told::name(alarm.name, pool))
    };
    let alarms = drawn::Alarms {
        of_fleet: rules.of_fleet().map(|alarm| arn(alarm, None)).collect(),
        of_pool: rules.of_each_pool().map(|alarm| arn(alarm, Some(CHOOSE_A_POOL))).collect(),
    };
    let bounds = bounds::of(rules.of_fleet().chain(rules.of_each_pool()));
    let options = drawn::Options { region: REGION.to_owned(), alarms, bounds };
    for board in Board::all() {
        let body = json!(drawn::body(&board, &options)).to_string();
        let resource = json!({
            "Type": "AWS::CloudWatch::Dashboard",
            "Properties": {
                "DashboardName": drawn::name(&board),
                "DashboardBody": { "Fn::Sub": substituted(&body) },
            },
        });
        parts.resource(&format!("Dashboard{}", board.title), &resource);
    }
}

/// As `Fn::Sub` reads it: what CloudWatch fills in later is left as it is.
fn substituted(body: &str) -> String {
    body.replace("${", "${!")
        .replace("arn:aws:cloudwatch:", "arn:${AWS::Partition}:cloudwatch:")
        .replace(REGION, "${AWS::Region}")
        .replace(ACCOUNT, "${AWS::AccountId}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cloudwatch_fills_in_is_left_to_it() {
        let body = "{\"label\":\"${PROP('Dim.Pool')}\",\"region\":\"@REGION@\"}";
        let expected = "{\"label\":\"${!PROP('Dim.Pool')}\",\"region\":\"${AWS::Region}\"}";
        assert_eq!(substituted(body), expected);
    }

    #[test]
    fn an_action_is_the_topic_that_is_named_or_that_of_the_stack() {
        let input = json!({ "AlarmActions": [TOPIC], "Tags": [] });
        let resource = alarm("AWS::CloudWatch::Alarm", input, &[], true);
        assert_eq!(resource["Properties"]["AlarmActions"][0]["Fn::If"][0], "HasAlarmTopic");
        assert!(resource["Metadata"].is_null());
    }
}
