//! An alarm as CloudWatch tells it, written as what it was put with. Members that were not given
//! are left out.

use aws_sdk_cloudwatch::types::{
    CompositeAlarm, Dimension, Metric, MetricAlarm, MetricDataQuery, MetricStat,
};
use serde_json::{Map, Value, json};

pub(super) fn metric_alarm(alarm: &MetricAlarm) -> Value {
    let mut input = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            input.insert(key.to_owned(), value);
        }
    };
    put("AlarmName", alarm.alarm_name().map(Value::from));
    put("AlarmDescription", alarm.alarm_description().map(Value::from));
    put("ActionsEnabled", alarm.actions_enabled().map(Value::from));
    put("AlarmActions", Some(json!(alarm.alarm_actions())));
    put("OKActions", Some(json!(alarm.ok_actions())));
    put("InsufficientDataActions", some(alarm.insufficient_data_actions()));
    put("MetricName", alarm.metric_name().map(Value::from));
    put("Namespace", alarm.namespace().map(Value::from));
    put("Dimensions", alarm.metric_name().map(|_| dimensions(alarm.dimensions())));
    put("Statistic", alarm.statistic().map(|statistic| statistic.as_str().into()));
    put("ExtendedStatistic", alarm.extended_statistic().map(Value::from));
    put("Unit", alarm.unit().map(|unit| unit.as_str().into()));
    put("Period", alarm.period().map(Value::from));
    put("EvaluationPeriods", alarm.evaluation_periods().map(Value::from));
    put("DatapointsToAlarm", alarm.datapoints_to_alarm().map(Value::from));
    put("Threshold", alarm.threshold().map(Value::from));
    put("ComparisonOperator", alarm.comparison_operator().map(|it| it.as_str().into()));
    put("TreatMissingData", alarm.treat_missing_data().map(Value::from));
    let low = alarm.evaluate_low_sample_count_percentile();
    put("EvaluateLowSampleCountPercentile", low.map(Value::from));
    put("ThresholdMetricId", alarm.threshold_metric_id().map(Value::from));
    let queries: Vec<Value> = alarm.metrics().iter().map(query).collect();
    put("Metrics", some(&queries));
    Value::Object(input)
}

pub(super) fn composite_alarm(alarm: &CompositeAlarm) -> Value {
    let mut input = json!({
        "AlarmName": alarm.alarm_name(),
        "AlarmDescription": alarm.alarm_description(),
        "ActionsEnabled": alarm.actions_enabled(),
        "AlarmActions": alarm.alarm_actions(),
        "OKActions": alarm.ok_actions(),
        "AlarmRule": alarm.alarm_rule(),
    });
    let rest = [
        ("InsufficientDataActions", some(alarm.insufficient_data_actions())),
        ("ActionsSuppressor", alarm.actions_suppressor().map(Value::from)),
    ];
    for (key, value) in rest {
        if let Some(value) = value {
            input[key] = value;
        }
    }
    input
}

fn some<T: Clone + Into<Value>>(list: &[T]) -> Option<Value> {
    (!list.is_empty()).then(|| list.iter().cloned().map(Into::into).collect())
}

fn dimensions(list: &[Dimension]) -> Value {
    list.iter().map(|it| json!({ "Name": it.name(), "Value": it.value() })).collect()
}

fn query(query: &MetricDataQuery) -> Value {
    let mut told = json!({
        "Id": query.id(),
        "ReturnData": query.return_data().unwrap_or(true),
    });
    let rest = [
        ("Expression", query.expression().map(Value::from)),
        ("Label", query.label().map(Value::from)),
        ("Period", query.period().map(Value::from)),
        ("MetricStat", query.metric_stat().map(statistic)),
    ];
    for (key, value) in rest {
        if let Some(value) = value {
            told[key] = value;
        }
    }
    told
}

fn statistic(of: &MetricStat) -> Value {
    let mut told = json!({
        "Metric": of.metric().map(metric),
        "Period": of.period(),
        "Stat": of.stat(),
    });
    if let Some(unit) = of.unit() {
        told["Unit"] = unit.as_str().into();
    }
    told
}

fn metric(metric: &Metric) -> Value {
    json!({
        "Namespace": metric.namespace(),
        "MetricName": metric.metric_name(),
        "Dimensions": dimensions(metric.dimensions()),
    })
}
