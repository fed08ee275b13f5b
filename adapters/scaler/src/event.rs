//! What invokes the function.
//!
//! Each kind is told by its own members, so that one function may stand behind several doors. Only
//! what is used is read, so that members that AWS adds break nothing.

use std::io::Read;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::read::GzDecoder;
use model::InstanceId;
use serde::Deserialize;
use serde_json::Value;

/// Lines of a subscription, unpacked, are no more than this. A request to Lambda is 6 MB at most,
/// and packed text grows about tenfold; more than this is no text of ours.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const LINES_BYTES_MAX: u64 = 64 << 20;

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// By schedule: the only one on which capacity is lowered.
    Schedule,
    /// Lines of the webhook's log group, as a subscription delivers them.
    Lines(Vec<String>),
    /// An alarm changed its state.
    Alarm(Alarm),
    /// A lifecycle hook waits for its answer.
    Hook(Hook),
    /// An instance is taken away, or may soon be.
    Spot {
        /// Which.
        id: InstanceId,
        /// Whether it ends within two minutes, rather than being at risk.
        is_final: bool,
    },
    /// An instance was launched or ended, or failed to be.
    Told {
        /// Which; none where it was never launched.
        id: Option<InstanceId>,
        /// AWS's word for it, such as `EC2 Instance Terminate Successful`.
        what: String,
    },
    /// A parameter of Parameter Store is gone.
    Deleted {
        /// Its name.
        name: String,
    },
    /// A subscription says that it is there.
    Ping,
}

/// An alarm that changed its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// Whether it fires now.
    pub is_firing: bool,
    /// The pool that its metrics are of, where they name one.
    pub pool: Option<String>,
}

/// A launch or an end that waits until its hook is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Which instance.
    pub id: InstanceId,
    /// Its Auto Scaling group.
    pub group: String,
    /// The hook's name.
    pub name: String,
    /// What an answer names it by.
    pub token: String,
    /// Launch or end.
    pub moment: Moment,
    /// Whether the instance enters the warm pool: then no runner registers on it.
    pub is_for_warm_pool: bool,
    /// The instance's name for policies: `arn:aws:ec2:eu-central-1:123456789012:instance/i-..`.
    pub arn: String,
}

/// What a hook waits at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The instance is launched.
    Launch,
    /// The instance is ended.
    End,
}

/// An event that cannot be understood.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// It is of no kind that is known.
    #[error(
        "the event is {0}; expected a schedule, a subscription of CloudWatch Logs, an alarm, a \
         lifecycle action or a Spot notice"
    )]
    Unknown(String),
    /// A member is missing or of another kind.
    #[error("the event of kind {kind:?}: {problem}")]
    Shape {
        /// As AWS calls it.
        kind: String,
        /// What is wrong.
        problem: serde_json::Error,
    },
    /// Lines that are not packed as CloudWatch Logs packs them.
    #[error("awslogs.data: {0}; expected JSON, packed by gzip, as base64")]
    Packed(String),
}

/// What `EventBridge` puts around an event.
/// <https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html>
#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "detail-type")]
    kind: String,
    #[serde(default)]
    account: String,
    #[serde(default)]
    region: String,
    #[serde(default)]
    resources: Vec<String>,
    #[serde(default)]
    detail: Value,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html>
#[derive(Deserialize)]
struct Subscription {
    awslogs: Packed,
}

#[derive(Deserialize)]
struct Packed {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Unpacked {
    message_type: String,
    #[serde(default)]
    log_events: Vec<LogEvent>,
}

#[derive(Deserialize)]
struct LogEvent {
    message: String,
}

/// What an alarm's action hands to a function.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Action {
    alarm_data: AlarmData,
}

/// The same in an alarm's action and in an event of `EventBridge`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AlarmData {
    alarm_name: String,
    state: AlarmState,
    #[serde(default)]
    configuration: Configuration,
}

#[derive(Deserialize)]
struct AlarmState {
    value: String,
}

#[derive(Default, Deserialize)]
struct Configuration {
    #[serde(default)]
    metrics: Vec<Value>,
}

/// <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HookDetail {
    #[serde(rename = "EC2InstanceId")]
    id: String,
    auto_scaling_group_name: String,
    lifecycle_hook_name: String,
    lifecycle_action_token: String,
    #[serde(default)]
    destination: String,
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html>
#[derive(Deserialize)]
struct SpotDetail {
    #[serde(rename = "instance-id")]
    id: String,
}

/// <https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html>
#[derive(Deserialize)]
struct ChangeDetail {
    name: String,
    operation: String,
}

#[derive(Deserialize)]
struct ToldDetail {
    #[serde(rename = "EC2InstanceId")]
    id: Option<String>,
}

impl Event {
    /// What an event means.
    ///
    /// # Errors
    /// When it is of no kind that is known, or lacks what its kind has.
    pub fn read(event: &Value) -> Result<Event, EventError> {
        if event.get("awslogs").is_some() {
            return lines(&shaped::<Subscription>("awslogs", event)?.awslogs.data);
        }
        if event.get("alarmData").is_some() {
            let action: Action = shaped("alarmData", event)?;
            return Ok(Event::Alarm(alarm(action.alarm_data)));
        }
        match event.get("detail-type") {
            Some(_) => told(&shaped("detail-type", event)?),
            None => Err(EventError::Unknown(kind_of(event))),
        }
    }
}

fn told(envelope: &Envelope) -> Result<Event, EventError> {
    let Envelope { kind, detail, .. } = envelope;
    let spot = |is_final| {
        let SpotDetail { id } = shaped(kind, detail)?;
        Ok(Event::Spot { id: InstanceId(id), is_final })
    };
    match kind.as_str() {
        "Scheduled Event" => Ok(Event::Schedule),
        "CloudWatch Alarm State Change" => Ok(Event::Alarm(alarm(shaped(kind, detail)?))),
        "EC2 Instance-launch Lifecycle Action" => hook(envelope, Moment::Launch),
        "EC2 Instance-terminate Lifecycle Action" => hook(envelope, Moment::End),
        "EC2 Spot Instance Interruption Warning" => spot(true),
        "EC2 Instance Rebalance Recommendation" => spot(false),
        "Parameter Store Change" => {
            let ChangeDetail { name, operation } = shaped(kind, detail)?;
            Ok(match operation.as_str() {
                "Delete" => Event::Deleted { name },
                _ => Event::Told { id: None, what: format!("{kind}: {operation}") },
            })
        }
        "EC2 Instance Launch Successful"
        | "EC2 Instance Launch Unsuccessful"
        | "EC2 Instance Terminate Successful"
        | "EC2 Instance Terminate Unsuccessful" => {
            let ToldDetail { id } = shaped(kind, detail)?;
            let id = id.filter(|id| !id.is_empty()).map(InstanceId);
            Ok(Event::Told { id, what: kind.clone() })
        }
        _ => Err(EventError::Unknown(format!("of kind {kind:?}"))),
    }
}

fn shaped<'a, T: Deserialize<'a>>(kind: &str, value: &'a Value) -> Result<T, EventError> {
    T::deserialize(value).map_err(|problem| EventError::Shape { kind: kind.to_owned(), problem })
}

/// What a value is, without what stands in it.
fn kind_of(event: &Value) -> String {
    match event {
        Value::Object(members) => format!("an object of {} members", members.len()),
        Value::Array(_) => "a list".to_owned(),
        Value::String(_) => "a text".to_owned(),
        Value::Number(_) => "a number".to_owned(),
        Value::Bool(_) | Value::Null => event.to_string(),
    }
}

fn lines(data: &str) -> Result<Event, EventError> {
    let packed = BASE64_STANDARD.decode(data);
    let packed = packed.map_err(|error| EventError::Packed(error.to_string()))?;
    let unpacked = GzDecoder::new(packed.as_slice()).take(LINES_BYTES_MAX);
    let unpacked: Unpacked = serde_json::from_reader(std::io::BufReader::new(unpacked))
        .map_err(|error| EventError::Packed(error.to_string()))?;
    match unpacked.message_type.as_str() {
        "CONTROL_MESSAGE" => Ok(Event::Ping),
        _ => Ok(Event::Lines(unpacked.log_events.into_iter().map(|event| event.message).collect())),
    }
}

fn alarm(data: AlarmData) -> Alarm {
    let pool = |metric: &Value| {
        let pool = metric.pointer("/metricStat/metric/dimensions/Pool")?;
        pool.as_str().map(str::to_owned)
    };
    Alarm {
        is_firing: data.state.value == "ALARM",
        pool: data.configuration.metrics.iter().find_map(pool),
        name: data.alarm_name,
    }
}

fn hook(envelope: &Envelope, moment: Moment) -> Result<Event, EventError> {
    let detail: HookDetail = shaped(&envelope.kind, &envelope.detail)?;
    // The partition stands nowhere else.
    let partition = envelope.resources.iter().find_map(|arn| arn.split(':').nth(1));
    let arn = format!(
        "arn:{}:ec2:{}:{}:instance/{}",
        partition.unwrap_or("aws"),
        envelope.region,
        envelope.account,
        detail.id
    );
    Ok(Event::Hook(Hook {
        arn,
        id: InstanceId(detail.id),
        group: detail.auto_scaling_group_name,
        name: detail.lifecycle_hook_name,
        token: detail.lifecycle_action_token,
        moment,
        is_for_warm_pool: detail.destination == "WarmPool",
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use serde_json::json;
    use std::io::Write;

    fn read(event: &Value) -> Result<Event, String> {
        Event::read(event).map_err(|error| error.to_string())
    }

    fn bridge(kind: &str, detail: &Value) -> Value {
        let group = "arn:aws-cn:autoscaling:cn-north-1:123456789012:autoScalingGroup:1:autoScalingGroupName/g";
        json!({ "version": "0", "id": "1", "source": "aws.autoscaling", "detail-type": kind,
                "account": "123456789012", "region": "cn-north-1", "resources": [group],
                "time": "2026-01-05T09:00:00Z", "detail": detail })
    }

    fn packed(unpacked: &Value) -> Value {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(unpacked.to_string().as_bytes()).unwrap();
        json!({ "awslogs": { "data": BASE64_STANDARD.encode(gzip.finish().unwrap()) } })
    }

    fn id() -> InstanceId {
        InstanceId("i-0123456789abcdef0".into())
    }

    #[test]
    fn a_schedule_is_known_by_its_kind() {
        assert_eq!(read(&bridge("Scheduled Event", &json!({}))), Ok(Event::Schedule));
    }

    #[test]
    fn lines_of_a_subscription_are_unpacked() {
        let data = packed(&json!({
            "messageType": "DATA_MESSAGE", "owner": "123456789012", "logGroup": "ingest",
            "logStream": "s", "subscriptionFilters": ["queued"],
            "logEvents": [{ "id": "1", "timestamp": 1, "message": "a" },
                          { "id": "2", "timestamp": 2, "message": "b" }],
        }));
        assert_eq!(read(&data), Ok(Event::Lines(vec!["a".into(), "b".into()])));
        let ping = packed(&json!({ "messageType": "CONTROL_MESSAGE", "logEvents": [] }));
        assert_eq!(read(&ping), Ok(Event::Ping));
    }

    #[test]
    fn lines_that_are_not_packed_so_are_refused() {
        let plain = BASE64_STANDARD.encode("{}");
        for data in ["", "%", plain.as_str()] {
            let error = read(&json!({ "awslogs": { "data": data } })).unwrap_err();
            assert!(error.starts_with("awslogs.data: "), "{data}: {error}");
        }
    }

    #[test]
    fn an_alarm_tells_its_pool_by_either_door() {
        let metric =
            json!({ "namespace": "Headroom", "name": "m", "dimensions": { "Pool": "linux" } });
        let data = json!({
            "alarmName": "linux exhausted",
            "state": { "value": "ALARM", "timestamp": "2026-01-05T09:00:00.000+0000" },
            "configuration": { "metrics": [
                { "id": "e", "expression": "a + b" }, { "id": "a", "metricStat": { "metric": metric } },
            ] },
        });
        let expected =
            Alarm { name: "linux exhausted".into(), is_firing: true, pool: Some("linux".into()) };
        let action = json!({ "source": "aws.cloudwatch", "alarmArn": "arn", "alarmData": data });
        assert_eq!(read(&action), Ok(Event::Alarm(expected.clone())));
        let change = bridge("CloudWatch Alarm State Change", &data);
        assert_eq!(read(&change), Ok(Event::Alarm(expected)));
        let composite = json!({ "alarmData": { "alarmName": "all", "state": { "value": "OK" },
                                "configuration": { "alarmRule": "ALARM(x)" } } });
        let quiet = Alarm { name: "all".into(), is_firing: false, pool: None };
        assert_eq!(read(&composite), Ok(Event::Alarm(quiet)));
    }

    #[test]
    fn a_hook_says_where_its_instance_goes() {
        let detail = |destination: &str| {
            json!({
                "LifecycleActionToken": "t", "AutoScalingGroupName": "linux",
                "LifecycleHookName": "register", "EC2InstanceId": id().0,
                "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING",
                "Origin": "EC2", "Destination": destination,
            })
        };
        let hook = |moment, is_for_warm_pool| Hook {
            id: id(),
            group: "linux".into(),
            name: "register".into(),
            token: "t".into(),
            moment,
            is_for_warm_pool,
            arn: format!("arn:aws-cn:ec2:cn-north-1:123456789012:instance/{}", id().0),
        };
        let launch = "EC2 Instance-launch Lifecycle Action";
        let end = "EC2 Instance-terminate Lifecycle Action";
        for (kind, destination, expected) in [
            (launch, "AutoScalingGroup", hook(Moment::Launch, false)),
            (launch, "WarmPool", hook(Moment::Launch, true)),
            (end, "EC2", hook(Moment::End, false)),
        ] {
            assert_eq!(read(&bridge(kind, &detail(destination))), Ok(Event::Hook(expected)));
        }
    }

    #[test]
    fn only_the_end_of_a_parameter_is_told_by_its_name() {
        let change = |operation: &str| {
            let detail = json!({ "name": "/headroom/runners/i-1/warming", "type": "SecureString",
                                 "operation": operation });
            read(&bridge("Parameter Store Change", &detail)).unwrap()
        };
        let name = "/headroom/runners/i-1/warming".to_owned();
        assert_eq!(change("Delete"), Event::Deleted { name });
        assert!(matches!(change("Create"), Event::Told { id: None, .. }));
    }

    #[test]
    fn spot_notices_and_what_happened_name_the_instance() {
        let spot = json!({ "instance-id": id().0, "instance-action": "terminate" });
        for (kind, is_final) in [
            ("EC2 Spot Instance Interruption Warning", true),
            ("EC2 Instance Rebalance Recommendation", false),
        ] {
            assert_eq!(read(&bridge(kind, &spot)), Ok(Event::Spot { id: id(), is_final }));
        }
        let what = "EC2 Instance Launch Unsuccessful";
        let told = read(&bridge(what, &json!({ "EC2InstanceId": "", "Cause": "no capacity" })));
        assert_eq!(told, Ok(Event::Told { id: None, what: what.into() }));
    }

    #[test]
    fn what_is_not_understood_says_what_was_expected() {
        for event in [json!(null), json!([]), json!("x"), json!(1), json!({ "a": 1 })] {
            let error = read(&event).unwrap_err();
            assert!(error.contains("expected a schedule"), "{error}");
        }
        let error = read(&bridge("EC2 Instance-launch Lifecycle Action", &json!({}))).unwrap_err();
        assert!(error.contains("EC2InstanceId"), "{error}");
        let error = read(&bridge("Tag Change on Resource", &json!({}))).unwrap_err();
        assert!(error.contains("Tag Change on Resource"), "{error}");
    }
}
