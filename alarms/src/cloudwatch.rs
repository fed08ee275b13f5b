//! The alarms as inputs of CloudWatch's `PutMetricAlarm` and `PutCompositeAlarm`.
//!
//! The same members are the `Properties` of `AWS::CloudWatch::Alarm` and
//! `AWS::CloudWatch::CompositeAlarm`.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html>

use std::collections::BTreeMap;

use model::expr::{MathError, Relation};
use model::{Statistic, shortened};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{Alarm, Condition, Rules, Scope, Severity, Watch};

/// Characters of an alarm's name.
pub const NAME_LEN_MAX: usize = 255;

/// Characters of an alarm's description.
pub const DESCRIPTION_LEN_MAX: usize = 1024;

/// Alarms that one composite alarm may name.
pub const PARTS_MAX: usize = 100;

/// Actions of one state.
pub const ACTIONS_MAX: usize = 5;

/// Every alarm, ready to be put.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CloudWatch {
    /// Inputs of `PutMetricAlarm`.
    pub metric_alarms: Vec<Value>,
    /// Inputs of `PutCompositeAlarm`, to be put after the others.
    pub composite_alarms: Vec<Value>,
}

/// What is the caller's to say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// The pools that get alarms.
    pub pools: Vec<String>,
    /// What is done when an alarm of a severity begins and ceases to fire: ARNs of topics or
    /// functions.
    pub actions: BTreeMap<Severity, Vec<String>>,
    /// Where runbooks are found: `BASE/runbooks/NAME`; none: in the repository.
    pub base_url: Option<String>,
}

/// An alarm that CloudWatch would not take.
#[derive(Debug, thiserror::Error)]
#[error("the alarm {alarm} cannot be written for CloudWatch")]
pub struct CloudWatchError {
    /// Which.
    pub alarm: String,
    /// Why.
    #[source]
    pub source: MathError,
}

impl CloudWatch {
    /// All alarms of the fleet and of `options.pools`.
    ///
    /// # Errors
    /// When an alarm is none that CloudWatch takes.
    pub fn of(rules: &Rules, options: &Options) -> Result<CloudWatch, CloudWatchError> {
        let mut all = CloudWatch::default();
        for alarm in rules.of_fleet() {
            all.add(alarm, None, options)?;
        }
        for pool in &options.pools {
            for alarm in rules.of_pool(pool) {
                all.add(alarm, Some(pool), options)?;
            }
        }
        Ok(all)
    }

    fn add(
        &mut self,
        alarm: &Alarm,
        pool: Option<&str>,
        options: &Options,
    ) -> Result<(), CloudWatchError> {
        let input = common(alarm, pool, options);
        match &alarm.watch {
            Watch::Metric(condition) => {
                let of_pool = pool.map(|pool| condition.of_pool(pool));
                let condition = of_pool.as_ref().unwrap_or(condition);
                self.compare(alarm, condition, pool, input)
                    .map_err(|source| CloudWatchError { alarm: alarm.name.into(), source })
            }
            Watch::AnyOf(parts) => {
                let names: Vec<String> = parts.iter().map(|part| name(part, pool)).collect();
                self.compose(input, &names, "OR");
                Ok(())
            }
        }
    }

    /// An alarm takes metrics of one period: one over two is two alarms and one over both.
    fn compare(
        &mut self,
        alarm: &Alarm,
        condition: &Condition,
        pool: Option<&str>,
        mut input: Map<String, Value>,
    ) -> Result<(), MathError> {
        let Some(short) = &condition.short else {
            input.extend(watched(condition)?);
            self.metric_alarms.push(Value::Object(input));
            return Ok(());
        };
        let lately = Condition {
            expr: short.expr.clone(),
            period: short.period,
            periods: 1,
            datapoints_to_alarm: 1,
            ..condition.clone()
        };
        let names = [LONG, SHORT].map(|part| name(&format!("{}-{part}", alarm.name), pool));
        for (part, condition) in names.iter().zip([condition, &lately]) {
            let mut part = silent(input.clone(), part, name(alarm.name, pool).as_str());
            part.extend(watched(condition)?);
            self.metric_alarms.push(Value::Object(part));
        }
        self.compose(input, &names, "AND");
        Ok(())
    }

    fn compose(&mut self, mut input: Map<String, Value>, names: &[String], junction: &str) {
        let parts: Vec<String> = names.iter().map(|name| format!("ALARM(\"{name}\")")).collect();
        input.insert("AlarmRule".into(), parts.join(&format!(" {junction} ")).into());
        self.composite_alarms.push(Value::Object(input));
    }

    /// The alarm of that name among all.
    pub fn only(mut self, alarm: &str) -> CloudWatch {
        let is_it = |input: &Value| {
            let tags = input["Tags"].as_array();
            tags.is_some_and(|tags| {
                tags.iter().any(|tag| tag["Key"] == ALARM_TAG && tag["Value"] == alarm)
            })
        };
        self.metric_alarms.retain(is_it);
        self.composite_alarms.retain(is_it);
        self
    }
}

/// The alarms over the long and the short period of one that has two.
const LONG: &str = "long";
const SHORT: &str = "short";

/// An alarm that acts by another only.
fn silent(mut input: Map<String, Value>, name: &str, whole: &str) -> Map<String, Value> {
    input.insert("AlarmName".into(), name.into());
    input.insert("AlarmDescription".into(), format!("Part of {whole}, which says more.").into());
    input.insert("ActionsEnabled".into(), false.into());
    for key in ["AlarmActions", "OKActions"] {
        input.insert(key.into(), json!([]));
    }
    input
}

/// The tag that names the alarm, whatever pool it is of.
pub const ALARM_TAG: &str = "headroom:alarm";

/// The name in CloudWatch: `headroom-linux-pool-down`. A pool's name is written with the characters
/// that need no quoting anywhere; names that become alike by it stay distinct.
pub fn name(alarm: &str, pool: Option<&str>) -> String {
    let Some(pool) = pool else { return format!("headroom-{alarm}") };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let plain: String = pool.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
    let distinct = match plain == pool {
        true => plain,
        false => format!("{plain}-{:08x}", hash(pool)),
    };
    let room = NAME_LEN_MAX - "headroom--".len() - alarm.len();
    format!("headroom-{}-{alarm}", shortened(&distinct, room).replace('~', "-"))
}

/// 32-bit FNV-1a: the same on every machine and in every version.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn common(alarm: &Alarm, pool: Option<&str>, options: &Options) -> Map<String, Value> {
    let mut input = Map::new();
    input.insert("AlarmName".into(), name(alarm.name, pool).into());
    input.insert("AlarmDescription".into(), description(alarm, options).into());
    // A part is told by the whole.
    let actions = options.actions.get(&alarm.severity).filter(|_| alarm.part_of.is_none());
    input.insert("ActionsEnabled".into(), actions.is_some_and(|a| !a.is_empty()).into());
    let actions = json!(actions.cloned().unwrap_or_default());
    input.insert("AlarmActions".into(), actions.clone());
    input.insert("OKActions".into(), actions);
    let mut tags = vec![
        json!({ "Key": ALARM_TAG, "Value": alarm.name }),
        json!({ "Key": "headroom:severity", "Value": alarm.severity.as_str() }),
    ];
    if let (Scope::Pool, Some(pool)) = (alarm.scope, pool) {
        tags.push(json!({ "Key": "headroom:pool", "Value": tag_value(pool) }));
    }
    input.insert("Tags".into(), Value::Array(tags));
    input
}

/// Tags take fewer characters than pools' names.
/// <https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html>
fn tag_value(text: &str) -> String {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || " +-=._:/@".contains(c);
    text.chars().map(|c| if is_allowed(c) { c } else { '-' }).collect()
}

fn description(alarm: &Alarm, options: &Options) -> String {
    let first = alarm.remedy.first().copied().unwrap_or_default();
    let runbook = crate::runbooks::place(alarm.name, options.base_url.as_deref());
    let text = format!("{} First: {first}. Runbook: {runbook}", alarm.meaning);
    shortened(&text, DESCRIPTION_LEN_MAX).into_owned()
}

fn watched(condition: &Condition) -> Result<Map<String, Value>, MathError> {
    let math = condition.expr.metric_math(&[])?;
    let mut input = match (&math.expression, math.metrics.first()) {
        (None, Some((_, query))) => {
            let statistic = query.statistic.cloudwatch();
            let key = match query.statistic {
                Statistic::Percentile(_) | Statistic::ShareUpTo(_) => "ExtendedStatistic",
                _ => "Statistic",
            };
            let mut metric = match query.cloudwatch() {
                Value::Object(metric) => metric,
                _ => Map::new(),
            };
            metric.insert(key.into(), statistic.into());
            metric.insert("Period".into(), condition.period.as_secs().into());
            metric
        }
        _ => Map::from_iter([("Metrics".to_owned(), Value::Array(math.data_queries()))]),
    };
    let operator = match condition.relation {
        Relation::Above => "GreaterThanThreshold",
        Relation::AtLeast | Relation::Equal => "GreaterThanOrEqualToThreshold",
        Relation::Below => "LessThanThreshold",
        Relation::AtMost => "LessThanOrEqualToThreshold",
    };
    input.insert("EvaluationPeriods".into(), condition.periods.into());
    input.insert("DatapointsToAlarm".into(), condition.datapoints_to_alarm.into());
    input.insert("Threshold".into(), json!(condition.threshold));
    input.insert("ComparisonOperator".into(), operator.into());
    input.insert("TreatMissingData".into(), condition.missing.as_str().into());
    Ok(input)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list;
    use std::collections::BTreeSet;

    fn all(pools: &[&str]) -> CloudWatch {
        let pools = pools.iter().map(|pool| (*pool).to_owned()).collect();
        let page = vec!["arn:aws:sns:eu-west-1:123456789012:page".to_owned()];
        let actions = BTreeMap::from([(Severity::Page, page)]);
        let options = Options { pools, actions, base_url: None };
        CloudWatch::of(&Rules::default(), &options).unwrap()
    }

    fn text<'a>(input: &'a Value, key: &str) -> &'a str {
        input[key].as_str().unwrap_or_else(|| panic!("{key} of {input}"))
    }

    #[test]
    fn every_alarm_is_within_the_limits_of_the_api() {
        let all = all(&["linux", "windows 11 (\"big\")", &"x".repeat(255)]);
        let mut names = BTreeSet::new();
        for input in all.metric_alarms.iter().chain(&all.composite_alarms) {
            let name = text(input, "AlarmName");
            assert!(name.len() <= NAME_LEN_MAX && names.insert(name), "{name}");
            assert!(text(input, "AlarmDescription").len() <= DESCRIPTION_LEN_MAX);
            assert!(input["AlarmActions"].as_array().unwrap().len() <= ACTIONS_MAX);
        }
        for input in &all.metric_alarms {
            let metrics = input["Metrics"].as_array().cloned().unwrap_or_default();
            assert!(metrics.len() <= 20, "{input}");
            let of_math = metrics.iter().find_map(|m| m["MetricStat"]["Period"].as_u64());
            let period = input["Period"].as_u64().or(of_math).unwrap();
            let span = period * input["EvaluationPeriods"].as_u64().unwrap();
            let span_max = if period < 3600 { 86_400 } else { 7 * 86_400 };
            assert!(period % 60 == 0 && span <= span_max, "{input}");
            let whole = metrics.iter().filter(|metric| metric["ReturnData"] == true).count();
            assert_eq!(whole, usize::from(!metrics.is_empty()), "{input}");
            for metric in &metrics {
                let expression = metric["Expression"].as_str().unwrap_or_default();
                assert!(!expression.contains("RUNNING_SUM") && !expression.contains("SEARCH"));
            }
        }
    }

    #[test]
    fn a_composite_alarm_names_alarms_that_exist_and_alone_acts() {
        let all = all(&["linux"]);
        let named = |name: &str| {
            let inputs = all.metric_alarms.iter().chain(&all.composite_alarms);
            inputs.into_iter().find(|input| input["AlarmName"] == name).unwrap()
        };
        let incident = named("headroom-linux-pool-incident");
        assert_eq!(all.composite_alarms.last(), Some(incident), "parts are put first");
        let rule = text(incident, "AlarmRule");
        let parts: Vec<&str> = rule.split('"').skip(1).step_by(2).collect();
        assert!(parts.len() >= 5 && parts.len() <= PARTS_MAX, "{rule}");
        for part in parts {
            assert_eq!(named(part)["ActionsEnabled"], false, "{part}");
        }
        assert_eq!(incident["ActionsEnabled"], true);
    }

    #[test]
    fn an_alarm_over_two_periods_is_one_over_two_alarms() {
        let only = all(&["linux"]).only(list::WAIT_SLO_BURN_FAST);
        let periods: Vec<(&str, &Value)> = only
            .metric_alarms
            .iter()
            .map(|input| (text(input, "AlarmName"), &input["Metrics"][0]["MetricStat"]["Period"]))
            .collect();
        let (long, short) =
            ("headroom-linux-wait-slo-burn-fast-long", "headroom-linux-wait-slo-burn-fast-short");
        assert_eq!(periods, [(long, &json!(3600)), (short, &json!(300))]);
        let rule = format!("ALARM(\"{long}\") AND ALARM(\"{short}\")");
        assert_eq!(text(&only.composite_alarms[0], "AlarmRule"), rule);
        assert_eq!(
            text(&only.composite_alarms[0], "AlarmName"),
            "headroom-linux-wait-slo-burn-fast"
        );
    }

    #[test]
    fn one_alarm_can_be_had_alone() {
        let only = all(&["linux", "mac"]).only(list::OLDEST_JOB_TOO_OLD);
        let names: Vec<&str> = only.metric_alarms.iter().map(|a| text(a, "AlarmName")).collect();
        assert_eq!(names, ["headroom-linux-oldest-job-too-old", "headroom-mac-oldest-job-too-old"]);
        let oldest = &only.metric_alarms[0];
        assert_eq!(oldest["Statistic"], "Maximum");
        assert_eq!(oldest["Dimensions"], json!([{ "Name": "Pool", "Value": "linux" }]));
    }

    #[test]
    fn pools_whose_names_become_alike_stay_apart() {
        assert_ne!(name("a", Some("linux,x64")), name("a", Some("linux x64")));
        assert_eq!(name("a", Some("linux-x64")), "headroom-linux-x64-a");
    }
}
