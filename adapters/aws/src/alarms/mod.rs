//! CloudWatch's alarms: what is there, and putting others in their place.
//!
//! An alarm is the JSON of its `PutMetricAlarm` or `PutCompositeAlarm`, in both directions, so that
//! what is there can be compared with what is defined. Tags are not among what is compared:
//! CloudWatch tells them apart from the alarms.

mod found;
mod put;

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{AlarmType, StateValue};
use model::Timestamp;
use serde_json::Value;

use crate::{Aws, CallError};

/// The alarms of an account and a region.
#[derive(Clone, Debug)]
pub struct Alarms {
    aws: Aws,
    client: Client,
}

/// An alarm that is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// What it was put with, without tags.
    pub input: Value,
    /// Its name for policies and tags.
    pub arn: String,
    /// How it stands: `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub state: String,
}

/// Names of one call.
const NAMES_MAX: usize = 100;

impl Alarms {
    /// Those of these metric alarms that fire, and since when.
    ///
    /// # Errors
    /// When CloudWatch does not say.
    pub fn firing(&self, names: &[String]) -> Result<BTreeMap<String, Timestamp>, CallError> {
        let mut all = BTreeMap::new();
        for names in names.chunks(NAMES_MAX) {
            let ask = self
                .client
                .describe_alarms()
                .set_alarm_names(Some(names.to_vec()))
                .alarm_types(AlarmType::MetricAlarm)
                .state_value(StateValue::Alarm)
                .max_records(100);
            let page = self.aws.wait(ask.send());
            let page = page.map_err(|error| CallError::of("cloudwatch:DescribeAlarms", &error))?;
            all.extend(page.metric_alarms().iter().filter_map(|alarm| {
                let since =
                    alarm.state_transitioned_timestamp().or(alarm.state_updated_timestamp());
                let since = since.and_then(|at| at.to_millis().ok()).unwrap_or_default();
                Some((alarm.alarm_name()?.to_owned(), Timestamp::from_millis(since)))
            }));
        }
        Ok(all)
    }

    /// Those of that account and region.
    pub fn of(aws: &Aws) -> Self {
        Alarms { aws: aws.clone(), client: Client::new(aws.config()) }
    }

    /// All alarms whose names begin so, by name.
    ///
    /// # Errors
    /// When CloudWatch does not say.
    pub fn named(&self, prefix: &str) -> Result<BTreeMap<String, Found>, CallError> {
        let mut all = BTreeMap::new();
        let mut token: Option<String> = None;
        loop {
            let ask = self
                .client
                .describe_alarms()
                .alarm_name_prefix(prefix)
                .alarm_types(AlarmType::MetricAlarm)
                .alarm_types(AlarmType::CompositeAlarm)
                .set_next_token(token.clone());
            let page = self.aws.wait(ask.send());
            let page = page.map_err(|error| CallError::of("cloudwatch:DescribeAlarms", &error))?;
            for alarm in page.metric_alarms() {
                let input = found::metric_alarm(alarm);
                all.extend(named(
                    alarm.alarm_name(),
                    &input,
                    alarm.alarm_arn(),
                    alarm.state_value(),
                ));
            }
            for alarm in page.composite_alarms() {
                let input = found::composite_alarm(alarm);
                all.extend(named(
                    alarm.alarm_name(),
                    &input,
                    alarm.alarm_arn(),
                    alarm.state_value(),
                ));
            }
            match page.next_token {
                Some(next) if Some(&next) != token.as_ref() => token = Some(next),
                _ => return Ok(all),
            }
        }
    }

    /// Puts a metric alarm in place of the one of its name.
    ///
    /// # Errors
    /// When CloudWatch refuses.
    pub fn put_metric_alarm(&self, input: &Value) -> Result<(), CallError> {
        let answer = self.aws.wait(put::metric_alarm(&self.client, input).send());
        answer.map(drop).map_err(|error| CallError::of("cloudwatch:PutMetricAlarm", &error))
    }

    /// Puts a composite alarm in place of the one of its name; the alarms in its rule have to be
    /// there.
    ///
    /// # Errors
    /// When CloudWatch refuses.
    pub fn put_composite_alarm(&self, input: &Value) -> Result<(), CallError> {
        let answer = self.aws.wait(put::composite_alarm(&self.client, input).send());
        answer.map(drop).map_err(|error| CallError::of("cloudwatch:PutCompositeAlarm", &error))
    }

    /// Sets the tags of an alarm that is there already: putting it again leaves them as they are.
    ///
    /// # Errors
    /// When CloudWatch refuses.
    pub fn tag(&self, arn: &str, input: &Value) -> Result<(), CallError> {
        let Some(tags) = put::tags(input) else { return Ok(()) };
        let ask = self.client.tag_resource().resource_arn(arn).set_tags(Some(tags));
        let answer = self.aws.wait(ask.send());
        answer.map(drop).map_err(|error| CallError::of("cloudwatch:TagResource", &error))
    }
}

/// What is compared of a definition: all but its tags, dimensions in order of their names.
pub fn comparable(input: &Value) -> Value {
    let mut input = input.clone();
    if let Some(members) = input.as_object_mut() {
        members.remove("Tags");
    }
    in_order(&mut input);
    input
}

/// The order of dimensions says nothing.
fn in_order(value: &mut Value) {
    match value {
        Value::Array(list) => {
            list.iter_mut().for_each(in_order);
            if list.iter().all(|one| one["Name"].is_string() && one["Value"].is_string()) {
                list.sort_by(|a, b| a["Name"].as_str().cmp(&b["Name"].as_str()));
            }
        }
        Value::Object(members) => members.values_mut().for_each(in_order),
        _ => {}
    }
}

fn named(
    name: Option<&str>,
    input: &Value,
    arn: Option<&str>,
    state: Option<&StateValue>,
) -> Option<(String, Found)> {
    let found = Found {
        input: comparable(input),
        arn: arn.unwrap_or_default().to_owned(),
        state: state.map_or("INSUFFICIENT_DATA", StateValue::as_str).to_owned(),
    };
    Some((name?.to_owned(), found))
}
