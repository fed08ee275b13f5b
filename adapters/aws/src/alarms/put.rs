//! The JSON of an alarm as a request. Members that it lacks are not sent.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::operation::put_composite_alarm::builders::PutCompositeAlarmFluentBuilder;
use aws_sdk_cloudwatch::operation::put_metric_alarm::builders::PutMetricAlarmFluentBuilder;
use aws_sdk_cloudwatch::types::{
    ComparisonOperator, Dimension, Metric, MetricDataQuery, MetricStat, StandardUnit, Statistic,
    Tag,
};
use serde_json::Value;

pub(super) fn metric_alarm(client: &Client, input: &Value) -> PutMetricAlarmFluentBuilder {
    client
        .put_metric_alarm()
        .set_alarm_name(text(input, "AlarmName"))
        .set_alarm_description(text(input, "AlarmDescription"))
        .set_actions_enabled(input["ActionsEnabled"].as_bool())
        .set_alarm_actions(texts(input, "AlarmActions"))
        .set_ok_actions(texts(input, "OKActions"))
        .set_insufficient_data_actions(texts(input, "InsufficientDataActions"))
        .set_metric_name(text(input, "MetricName"))
        .set_namespace(text(input, "Namespace"))
        .set_dimensions(list(input, "Dimensions", dimension))
        .set_statistic(text(input, "Statistic").map(|it| Statistic::from(it.as_str())))
        .set_extended_statistic(text(input, "ExtendedStatistic"))
        .set_unit(text(input, "Unit").map(|it| StandardUnit::from(it.as_str())))
        .set_period(whole(input, "Period"))
        .set_evaluation_periods(whole(input, "EvaluationPeriods"))
        .set_datapoints_to_alarm(whole(input, "DatapointsToAlarm"))
        .set_threshold(input["Threshold"].as_f64())
        .set_comparison_operator(
            text(input, "ComparisonOperator").map(|it| ComparisonOperator::from(it.as_str())),
        )
        .set_treat_missing_data(text(input, "TreatMissingData"))
        .set_evaluate_low_sample_count_percentile(text(input, "EvaluateLowSampleCountPercentile"))
        .set_threshold_metric_id(text(input, "ThresholdMetricId"))
        .set_metrics(list(input, "Metrics", query))
        .set_tags(tags(input))
}

pub(super) fn composite_alarm(client: &Client, input: &Value) -> PutCompositeAlarmFluentBuilder {
    client
        .put_composite_alarm()
        .set_alarm_name(text(input, "AlarmName"))
        .set_alarm_description(text(input, "AlarmDescription"))
        .set_actions_enabled(input["ActionsEnabled"].as_bool())
        .set_alarm_actions(texts(input, "AlarmActions"))
        .set_ok_actions(texts(input, "OKActions"))
        .set_insufficient_data_actions(texts(input, "InsufficientDataActions"))
        .set_alarm_rule(text(input, "AlarmRule"))
        .set_actions_suppressor(text(input, "ActionsSuppressor"))
        .set_tags(tags(input))
}

pub(super) fn tags(input: &Value) -> Option<Vec<Tag>> {
    let tag = |tag: &Value| {
        let tag = Tag::builder().set_key(text(tag, "Key")).set_value(text(tag, "Value"));
        tag.build()
    };
    list(input, "Tags", tag)
}

fn text(input: &Value, key: &str) -> Option<String> {
    input[key].as_str().map(str::to_owned)
}

fn texts(input: &Value, key: &str) -> Option<Vec<String>> {
    list(input, key, |value| value.as_str().unwrap_or_default().to_owned())
}

fn whole(input: &Value, key: &str) -> Option<i32> {
    input[key].as_i64().and_then(|number| i32::try_from(number).ok())
}

fn list<T>(input: &Value, key: &str, one: impl Fn(&Value) -> T) -> Option<Vec<T>> {
    input[key].as_array().map(|list| list.iter().map(one).collect())
}

fn dimension(input: &Value) -> Dimension {
    Dimension::builder().set_name(text(input, "Name")).set_value(text(input, "Value")).build()
}

fn query(input: &Value) -> MetricDataQuery {
    let stat = &input["MetricStat"];
    MetricDataQuery::builder()
        .set_id(text(input, "Id"))
        .set_expression(text(input, "Expression"))
        .set_label(text(input, "Label"))
        .set_period(whole(input, "Period"))
        .set_return_data(input["ReturnData"].as_bool())
        .set_metric_stat(stat.is_object().then(|| statistic(stat)))
        .build()
}

fn statistic(input: &Value) -> MetricStat {
    let metric = &input["Metric"];
    let metric = Metric::builder()
        .set_namespace(text(metric, "Namespace"))
        .set_metric_name(text(metric, "MetricName"))
        .set_dimensions(list(metric, "Dimensions", dimension))
        .build();
    MetricStat::builder()
        .metric(metric)
        .set_period(whole(input, "Period"))
        .set_stat(text(input, "Stat"))
        .set_unit(text(input, "Unit").map(|it| StandardUnit::from(it.as_str())))
        .build()
}
