//! An alarm reaches CloudWatch whole, and comes back as it was put.

use aws::Alarms;
use aws::alarms::comparable;
use serde_json::{Value, json};

use crate::world::{World, done};

fn alarm() -> Value {
    json!({
        "AlarmName": "headroom-linux-pool-down",
        "AlarmDescription": "nothing is online",
        "ActionsEnabled": true,
        "AlarmActions": ["arn:aws:sns:eu-west-1:123456789012:page"],
        "OKActions": [],
        "EvaluationPeriods": 5, "DatapointsToAlarm": 3, "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
        "Metrics": [
            {
                "Id": "m1", "ReturnData": false,
                "MetricStat": {
                    "Metric": {
                        "Namespace": "Headroom", "MetricName": "JobEvents",
                        "Dimensions": [
                            { "Name": "Status", "Value": "queued" },
                            { "Name": "Pool", "Value": "linux" },
                        ],
                    },
                    "Period": 60, "Stat": "Sum",
                },
            },
            { "Id": "e1", "Expression": "FILL(m1, 0)", "ReturnData": true },
        ],
        "Tags": [{ "Key": "headroom:severity", "Value": "page" }],
    })
}

#[test]
fn every_member_of_an_alarm_is_sent() {
    let world = World::of(|_| done(json!({})));
    Alarms::of(&world.aws).put_metric_alarm(&alarm()).unwrap();
    let call = &world.calls()[0];
    assert_eq!((call.name.as_str(), &call.body), ("PutMetricAlarm", &alarm()));
}

#[test]
fn every_member_of_a_composite_alarm_is_sent() {
    let composite = json!({
        "AlarmName": "headroom-linux-pool-incident", "AlarmDescription": "one of its parts",
        "AlarmRule": "ALARM(\"headroom-linux-pool-down\")", "ActionsEnabled": false,
        "AlarmActions": [], "OKActions": [], "Tags": [],
    });
    let world = World::of(|_| done(json!({})));
    Alarms::of(&world.aws).put_composite_alarm(&composite).unwrap();
    let call = &world.calls()[0];
    assert_eq!((call.name.as_str(), &call.body), ("PutCompositeAlarm", &composite));
}

#[test]
fn alarms_come_back_as_they_were_put_page_by_page() {
    let mut there = alarm();
    there.as_object_mut().unwrap().remove("Tags");
    there["AlarmArn"] = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:x".into();
    there["StateValue"] = "ALARM".into();
    there["InsufficientDataActions"] = json!([]);
    let composite = json!({
        "AlarmName": "headroom-linux-pool-incident", "AlarmRule": "ALARM(\"x\")",
        "ActionsEnabled": false, "AlarmDescription": "parts", "StateValue": "OK",
    });
    let world = World::answers([
        done(json!({ "MetricAlarms": [there], "NextToken": "more" })),
        done(json!({ "CompositeAlarms": [composite] })),
    ]);
    let found = Alarms::of(&world.aws).named("headroom-").unwrap();
    let metric = &found["headroom-linux-pool-down"];
    assert_eq!((&metric.input, metric.state.as_str()), (&comparable(&alarm()), "ALARM"));
    let incident = &found["headroom-linux-pool-incident"];
    assert_eq!(
        (&incident.input["AlarmRule"], &incident.input["OKActions"]),
        (&json!("ALARM(\"x\")"), &json!([]))
    );
    let asked = &world.calls()[0].body;
    assert_eq!(asked["AlarmTypes"], json!(["MetricAlarm", "CompositeAlarm"]));
}
