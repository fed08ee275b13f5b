//! An AWS on loopback that keeps log groups, Auto Scaling groups and alarms, and says what it was
//! asked. Log groups filter by time and by stream; nothing here knows filter patterns.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use super::cbor;
use super::http::{Request, Response, serve};

/// Events of one page.
const PAGE: usize = 500;

/// Longer than anything here takes on a busy machine; what takes longer has failed.
const PATIENCE: Duration = Duration::from_mins(1);

/// A call.
#[derive(Clone, Debug)]
pub struct Call {
    pub name: String,
    pub body: Value,
}

/// How a call goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// Too many asked.
    Throttled,
    /// AWS fails.
    Fails,
    /// AWS does not answer.
    Hangs,
}

/// A parameter, who may read it, and since when it is there.
#[derive(Clone, Debug)]
pub struct Parameter {
    pub value: String,
    pub tags: Value,
    pub at_secs: i64,
}

/// An Auto Scaling group.
#[derive(Clone, Debug, Default)]
pub struct Group {
    pub desired: u32,
    pub warm: Option<u32>,
    pub members: Vec<String>,
    /// Those that wait at their launch hook.
    pub at_hook: Vec<String>,
}

#[derive(Clone, Debug)]
struct LogEvent {
    group: String,
    stream: String,
    at: i64,
    message: String,
}

#[derive(Default)]
struct State {
    logs: Vec<LogEvent>,
    groups: BTreeMap<String, Group>,
    firing: BTreeSet<String>,
    insights: Vec<Value>,
    hours: Vec<(i64, f64)>,
    waiting: BTreeSet<String>,
    parameters: BTreeMap<String, Parameter>,
    faults: Vec<(String, String, Fault)>,
    calls: Vec<Call>,
}

/// The side of the tests. Clones are the same cloud.
#[derive(Clone)]
pub struct Cloud {
    pub address: SocketAddr,
    shared: Arc<(Mutex<State>, Condvar)>,
}

impl Cloud {
    /// One that has nothing.
    pub fn start() -> Cloud {
        let shared: Arc<(Mutex<State>, Condvar)> = Arc::default();
        let serving = Arc::clone(&shared);
        let address = serve(move |request| {
            let (state, news) = &*serving;
            let answer = state.lock().unwrap().answer(&request);
            news.notify_all();
            answer
        });
        Cloud { address, shared }
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let (state, news) = &*self.shared;
        let answer = change(&mut state.lock().unwrap());
        news.notify_all();
        answer
    }

    /// A line in a log group.
    pub fn logged(&self, group: &str, stream: &str, at: i64, message: &str) {
        let (group, stream, message) = (group.into(), stream.into(), message.into());
        self.with(|state| state.logs.push(LogEvent { group, stream, at, message }));
    }

    /// Forgets what stands in a log group.
    pub fn forget(&self, group: &str) {
        self.with(|state| state.logs.retain(|event| event.group != group));
    }

    /// What stands in a log group.
    pub fn lines(&self, group: &str) -> Vec<String> {
        let of = |event: &&LogEvent| event.group == group;
        self.with(|state| state.logs.iter().filter(of).map(|event| event.message.clone()).collect())
    }

    pub fn group(&self, name: &str, group: Group) {
        self.with(|state| state.groups.insert(name.into(), group));
    }

    pub fn desired(&self, name: &str) -> u32 {
        self.with(|state| state.groups[name].desired)
    }

    pub fn fires(&self, alarm: &str) {
        self.with(|state| state.firing.insert(alarm.into()));
    }

    /// Rows that Insights answers.
    pub fn insights(&self, rows: &[Value]) {
        self.with(|state| state.insights = rows.to_vec());
    }

    /// Jobs of each hour.
    pub fn hours(&self, hours: &[(i64, f64)]) {
        self.with(|state| state.hours = hours.to_vec());
    }

    /// An instance waits at a hook.
    pub fn waits(&self, id: &str) {
        self.with(|state| state.waiting.insert(id.into()));
    }

    /// A parameter is there.
    pub fn parameter(&self, name: &str, value: &str, at_secs: i64) {
        let parameter = Parameter { value: value.into(), tags: Value::Null, at_secs };
        self.with(|state| state.parameters.insert(name.into(), parameter));
    }

    /// The parameters that are there.
    pub fn parameters(&self) -> BTreeMap<String, Parameter> {
        self.with(|state| state.parameters.clone())
    }

    /// Calls of that name that mention that text go wrong from now on.
    pub fn fault(&self, call: &str, about: &str, fault: Fault) {
        self.with(|state| state.faults.push((call.into(), about.into(), fault)));
    }

    /// Everything goes well again.
    pub fn recovers(&self) {
        self.with(|state| state.faults.clear());
    }

    /// The calls of a name so far.
    pub fn calls(&self, name: &str) -> Vec<Call> {
        self.with(|state| state.calls.iter().filter(|call| call.name == name).cloned().collect())
    }

    /// Waits until the cloud is so.
    #[track_caller]
    pub fn until(&self, what: &str, mut is_so: impl FnMut(&Cloud) -> bool) {
        let (state, news) = &*self.shared;
        let begun = std::time::Instant::now();
        while !is_so(self) {
            assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
            let state = state.lock().unwrap();
            drop(news.wait_timeout(state, Duration::from_millis(20)).unwrap());
        }
    }
}

enum Answer {
    Json(Value),
    Cbor(Value),
    Xml(String),
    Refused(&'static str, &'static str),
}

impl State {
    fn answer(&mut self, request: &Request) -> Option<Response> {
        let call = call(request);
        self.calls.push(call.clone());
        let text = call.body.to_string();
        let fault = self
            .faults
            .iter()
            .find(|(name, about, _)| *name == call.name && text.contains(about.as_str()));
        let answer = match fault.map(|(_, _, fault)| *fault) {
            Some(Fault::Hangs) => return None,
            Some(Fault::Fails) => return Some(plain(500, "text/html", "<html>broken</html>")),
            Some(Fault::Throttled) => Answer::Refused("Throttling", "Rate exceeded"),
            None => self.done(&call),
        };
        Some(match answer {
            Answer::Json(body) => plain(200, "application/x-amz-json-1.1", &body.to_string()),
            Answer::Xml(body) => plain(200, "text/xml", &body),
            Answer::Cbor(body) => Response {
                status: 200,
                content_type: "application/cbor",
                body: cbor::written(&body),
            },
            Answer::Refused(code, said) if request.target.is_some() => {
                let body = json!({ "__type": code, "message": said }).to_string();
                plain(400, "application/x-amz-json-1.1", &body)
            }
            Answer::Refused(code, said) => {
                let error = format!("<Code>{code}</Code><Message>{said}</Message>");
                plain(
                    400,
                    "text/xml",
                    &format!("<ErrorResponse><Error>{error}</Error></ErrorResponse>"),
                )
            }
        })
    }

    fn done(&mut self, Call { name, body }: &Call) -> Answer {
        let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
        let number = |key: &str| text(key).parse::<u32>().unwrap();
        let result = |inner: &str| {
            Answer::Xml(format!(
                "<{name}Response><{name}Result>{inner}</{name}Result></{name}Response>"
            ))
        };
        match name.as_str() {
            "FilterLogEvents" => Answer::Json(self.filtered(body)),
            "CreateLogStream" => Answer::Json(json!({})),
            "PutLogEvents" => {
                for event in body["logEvents"].as_array().unwrap() {
                    self.logs.push(LogEvent {
                        group: text("logGroupName"),
                        stream: text("logStreamName"),
                        at: event["timestamp"].as_i64().unwrap(),
                        message: event["message"].as_str().unwrap().to_owned(),
                    });
                }
                Answer::Json(json!({}))
            }
            "StartQuery" => Answer::Json(json!({ "queryId": "q" })),
            "GetQueryResults" => {
                Answer::Json(json!({ "status": "Complete", "results": self.insights }))
            }
            "DescribeAlarms" => {
                let asked = body["AlarmNames"].as_array().unwrap();
                let firing = asked.iter().filter(|n| self.firing.contains(n.as_str().unwrap()));
                let alarm = |name: &Value| {
                    json!({ "AlarmName": name, "StateValue": "ALARM",
                    "StateTransitionedTimestamp": { "at": 1_700_000_000.0 } })
                };
                let alarms: Vec<Value> = firing.map(alarm).collect();
                Answer::Cbor(json!({ "MetricAlarms": alarms, "CompositeAlarms": [] }))
            }
            "GetMetricData" => {
                let (at, values): (Vec<Value>, Vec<f64>) =
                    self.hours.iter().map(|(at, n)| (json!({ "at": at }), *n)).unzip();
                let queries = body["MetricDataQueries"].as_array().unwrap();
                let result = |q: &Value| {
                    json!({ "Id": q["Id"], "StatusCode": "Complete",
                    "Timestamps": at, "Values": values })
                };
                Answer::Cbor(
                    json!({ "MetricDataResults": queries.iter().map(result).collect::<Vec<_>>() }),
                )
            }
            "DescribeAutoScalingGroups" => {
                let name = text("AutoScalingGroupNames.member.1");
                let member = self.groups.get(&name).map(|group| described(&name, group));
                result(&format!(
                    "<AutoScalingGroups>{}</AutoScalingGroups>",
                    member.unwrap_or_default()
                ))
            }
            "DescribeWarmPool" => {
                let warm = self.groups[&text("AutoScalingGroupName")].warm.unwrap_or(0);
                result(&format!(
                    "<Instances/><WarmPoolConfiguration><MinSize>{warm}</MinSize></WarmPoolConfiguration>"
                ))
            }
            "SetDesiredCapacity" => {
                let desired = number("DesiredCapacity");
                self.groups.get_mut(&text("AutoScalingGroupName")).unwrap().desired = desired;
                result("")
            }
            "TerminateInstanceInAutoScalingGroup" => {
                assert_eq!(text("ShouldDecrementDesiredCapacity"), "true");
                let id = text("InstanceId");
                let mut groups = self.groups.values_mut();
                let group = groups.find(|group| group.members.contains(&id)).unwrap();
                group.members.retain(|member| *member != id);
                group.desired -= 1;
                result("")
            }
            "PutWarmPool" => {
                let size = number("MinSize");
                self.groups.get_mut(&text("AutoScalingGroupName")).unwrap().warm = Some(size);
                result("")
            }
            "DescribeAutoScalingInstances" => {
                let ids = (1..=50).map(|number| text(&format!("InstanceIds.member.{number}")));
                let member = |id: String| {
                    let of = self.groups.iter().find(|(_, group)| group.members.contains(&id));
                    of.map(|(name, _)| format!("<member><InstanceId>{id}</InstanceId><AutoScalingGroupName>{name}</AutoScalingGroupName></member>"))
                };
                let members: String = ids.filter_map(member).collect();
                result(&format!("<AutoScalingInstances>{members}</AutoScalingInstances>"))
            }
            "CompleteLifecycleAction" => match self.waiting.remove(&text("InstanceId")) {
                true => result(""),
                false => Answer::Refused(
                    "ValidationError",
                    "No active Lifecycle Action found with instance ID",
                ),
            },
            _ => self.done_with_parameters(name, body),
        }
    }

    fn done_with_parameters(&mut self, name: &str, body: &Value) -> Answer {
        let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
        match name {
            "PutParameter" => {
                // AWS takes no tags for a parameter that is there, and refuses to take its place.
                let is_there = self.parameters.contains_key(&text("Name"));
                assert!(body["Overwrite"].is_null() && body["Type"] == "SecureString");
                match is_there {
                    true => Answer::Refused("ParameterAlreadyExists", "It is there."),
                    false => {
                        let (value, tags) = (text("Value"), body["Tags"].clone());
                        let put = Parameter { value, tags, at_secs: super::now().as_secs() };
                        self.parameters.insert(text("Name"), put);
                        Answer::Json(json!({ "Version": 1 }))
                    }
                }
            }
            "GetParameter" => match self.parameters.get(&text("Name")) {
                Some(found) => Answer::Json(json!({ "Parameter": {
                    "Name": text("Name"), "Value": found.value } })),
                None => Answer::Refused("ParameterNotFound", "It is not there."),
            },
            "DeleteParameter" => match self.parameters.remove(&text("Name")) {
                Some(_) => Answer::Json(json!({})),
                None => Answer::Refused("ParameterNotFound", "It is not there."),
            },
            "GetParametersByPath" => {
                let path = text("Path") + "/";
                let below = self.parameters.iter().filter(|(name, _)| name.starts_with(&path));
                let told = below.map(|(name, one)| {
                    json!({ "Name": name, "Value": "AQICAH", "LastModifiedDate": one.at_secs })
                });
                Answer::Json(json!({ "Parameters": told.collect::<Vec<_>>() }))
            }
            other => panic!("nobody expected {other}"),
        }
    }

    fn filtered(&self, body: &Value) -> Value {
        let group = body["logGroupName"].as_str().unwrap();
        let streams = body["logStreamNamePrefix"].as_str().unwrap_or_default();
        let (from, to) = (body["startTime"].as_i64().unwrap(), body["endTime"].as_i64().unwrap());
        let skip: usize = body["nextToken"].as_str().map_or(0, |token| token.parse().unwrap());
        let fits = |(_, event): &(usize, &LogEvent)| {
            event.group == group
                && event.stream.starts_with(streams)
                && (from..=to).contains(&event.at)
        };
        let all: Vec<_> = self.logs.iter().enumerate().filter(fits).collect();
        let page = all.iter().skip(skip).take(PAGE).map(|(id, event)| {
            json!({ "eventId": id.to_string(), "timestamp": event.at, "message": event.message,
                    "logStreamName": event.stream })
        });
        let mut answer = json!({ "events": page.collect::<Vec<_>>() });
        if all.len() > skip + PAGE {
            answer["nextToken"] = json!((skip + PAGE).to_string());
        }
        answer
    }
}

fn described(name: &str, group: &Group) -> String {
    let instance = |(id, state): (&String, &str)| {
        format!(
            "<member><InstanceId>{id}</InstanceId><LifecycleState>{state}</LifecycleState></member>"
        )
    };
    let in_service = group.members.iter().map(|id| (id, "InService"));
    let waiting = group.at_hook.iter().map(|id| (id, "Pending:Wait"));
    let instances: String = in_service.chain(waiting).map(instance).collect();
    let warm = group.warm.map(|size| {
        format!("<WarmPoolConfiguration><MinSize>{size}</MinSize></WarmPoolConfiguration>")
    });
    format!(
        "<member><AutoScalingGroupName>{name}</AutoScalingGroupName><MinSize>0</MinSize><MaxSize>100</MaxSize>\
             <DesiredCapacity>{}</DesiredCapacity><Instances>{instances}</Instances>{}</member>",
        group.desired,
        warm.unwrap_or_default()
    )
}

fn call(request: &Request) -> Call {
    if let Some(target) = &request.target {
        let name = target.rsplit('.').next().unwrap().to_owned();
        return Call { name, body: serde_json::from_slice(&request.body).unwrap() };
    }
    if request.content_type == "application/x-www-form-urlencoded" {
        let form: serde_json::Map<String, Value> = form_urlencoded::parse(&request.body)
            .map(|(key, value)| (key.into_owned(), Value::from(value.into_owned())))
            .collect();
        return Call { name: form["Action"].as_str().unwrap().to_owned(), body: form.into() };
    }
    let name = request.path.rsplit('/').next().unwrap().to_owned();
    Call { name, body: cbor::read(&request.body) }
}

fn plain(status: u16, content_type: &'static str, body: &str) -> Response {
    Response { status, content_type, body: body.as_bytes().to_vec() }
}
