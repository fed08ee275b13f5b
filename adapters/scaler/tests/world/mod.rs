//! The real binary in a sandbox, behind a Runtime API and before an AWS, both on loopback.

#[path = "../../../aws/tests/world/cbor.rs"]
mod cbor;
pub mod cloud;
pub mod github;
pub mod http;
#[expect(dead_code, reason = "the stories of the webhook ask for more of it")]
#[path = "../../../../tests/world/runtime_api.rs"]
mod runtime_api;
#[path = "../../../../tests/world/wait.rs"]
pub(crate) mod wait;

use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use model::{Timestamp, lint};
use serde_json::{Value, json};

pub use cloud::{Cloud, Group};
pub(crate) use runtime_api::Outcome;
use runtime_api::RuntimeApi;

pub const INGEST: &str = "/headroom/ingest";
pub const OWN: &str = "/headroom/scaler";

/// A function before a cloud.
#[derive(Clone)]
pub struct Function {
    vars: Vec<(String, String)>,
}

/// A sandbox. Dropping it ends it as Lambda does: without asking.
pub struct Sandbox {
    child: Child,
    api: RuntimeApi,
    out: Vec<JoinHandle<String>>,
}

impl Function {
    /// The tick function of pools of these names, whose groups are called `NAME-runners`, which acts
    /// and looks every second.
    pub fn tick(cloud: &Cloud, pools: &[&str]) -> Function {
        for pool in pools {
            cloud.group(&format!("{pool}-runners"), Group::default());
        }
        let pool = |name: &&str| {
            json!({ "name": name, "labels": [name], "group": format!("{name}-runners"),
                    "policy": { "runners_max": 50 } })
        };
        let pools: Vec<Value> = pools.iter().map(pool).collect();
        Function { vars: Vec::new() }
            .var("HEADROOM_ROLE", "tick")
            .var("HEADROOM_SCALER_MODE", "act")
            .var("HEADROOM_POOLS", &Value::from(pools).to_string())
            .var("HEADROOM_INGEST_LOG_GROUP", INGEST)
            .var("HEADROOM_SCALER_LOG_GROUP", OWN)
            .var("HEADROOM_TICK_SECS", "1")
            .var("AWS_ENDPOINT_URL", &format!("http://{}", cloud.address))
            .var("AWS_REGION", "eu-central-1")
            .var("AWS_ACCESS_KEY_ID", "key")
            .var("AWS_SECRET_ACCESS_KEY", "secret")
            .var("AWS_EC2_METADATA_DISABLED", "true")
    }

    /// A variable; the empty text unsets it.
    pub fn var(mut self, name: &str, value: &str) -> Self {
        self.vars.retain(|(known, _)| known != name);
        self.vars.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts a sandbox.
    pub fn start(&self) -> Sandbox {
        let api = RuntimeApi::start().unwrap();
        let mut command = Command::new(binary());
        command.env_clear().envs(api.variables());
        command.envs(self.vars.iter().filter(|(_, v)| !v.is_empty()).map(|(n, v)| (n, v)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let out =
            vec![collect(child.stdout.take().unwrap()), collect(child.stderr.take().unwrap())];
        Sandbox { child, api, out }
    }
}

/// Built beside the tests, or for a measurement beside the folder of its program.
fn binary() -> PathBuf {
    if let Some(path) = option_env!("CARGO_BIN_EXE_scaler-lambda") {
        return path.into();
    }
    let example = std::env::current_exe().unwrap();
    example.parent().and_then(|examples| examples.parent()).unwrap().join("scaler-lambda")
}

fn collect(mut from: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        String::from_utf8(bytes).unwrap()
    })
}

impl Sandbox {
    /// Invokes it; gives its answer.
    #[track_caller]
    pub fn invoke(&self, event: &Value) -> Value {
        match self.outcome(event.to_string().as_bytes()) {
            Outcome::Response(text) => serde_json::from_str(&text).unwrap(),
            Outcome::Error(text) => panic!("the invocation failed: {text}"),
        }
    }

    /// Invokes it with anything; gives what became of it.
    #[track_caller]
    pub(crate) fn outcome(&self, event: &[u8]) -> Outcome {
        self.api.invoke(event.to_vec()).unwrap()
    }

    /// The most memory that it ever had, in MiB.
    pub fn rss_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1024.0
    }

    /// Why it does not start.
    pub fn init_error(&self) -> String {
        self.api.init_error().unwrap()
    }

    /// Ends it; gives its lines, checked as CloudWatch would, and its log.
    #[track_caller]
    pub fn end(mut self) -> (Vec<Value>, String) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let log = self.out.remove(1).join().unwrap();
        let out = self.out.remove(0).join().unwrap();
        let read = |line: &str| {
            let checked = lint::check(line, now());
            assert!(checked.findings.is_empty(), "{:?} in {line}\n{log}", checked.findings);
            serde_json::from_str(line).unwrap()
        };
        (out.lines().map(read).collect(), log)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_millis(since.as_millis().try_into().unwrap())
}

/// A line as the webhook writes it, of so many seconds ago.
pub fn line(pool: &str, job: u64, status: &str, secs_ago: i64) -> (i64, String) {
    let at = Timestamp::from_millis(now().as_millis() - secs_ago * 1000);
    let mut line = json!({
        "_aws": { "Timestamp": at.as_millis(), "CloudWatchMetrics": [
            { "Namespace": model::catalogue::NAMESPACE, "Dimensions": [["Pool", "Status"]],
              "Metrics": [{ "Name": "JobEvents" }] },
        ] },
        "JobEvents": 1, "Pool": pool, "Status": status, "job_id": job, "run_id": 1,
        "run_attempt": 1, "repository": "o/r", "labels": [pool], "created_at": at.to_string(),
    });
    if status != "queued" {
        line["runner"] = json!(format!("{pool}-i-{job:08x}"));
        line["started_at"] = json!(at.to_string());
    }
    if status == "completed" {
        line["completed_at"] = json!(at.to_string());
        line["Conclusion"] = json!("success");
    }
    (at.as_millis(), line.to_string())
}

impl Cloud {
    /// The webhook's function wrote a line; gives it back.
    pub fn webhook(&self, pool: &str, job: u64, status: &str, secs_ago: i64) -> String {
        let (at, line) = line(pool, job, status, secs_ago);
        self.logged(INGEST, "webhook", at, &line);
        line
    }
}

pub fn schedule() -> Value {
    bridge("Scheduled Event", &json!({}))
}

pub fn bridge(kind: &str, detail: &Value) -> Value {
    json!({ "version": "0", "id": "1", "source": "aws", "detail-type": kind, "detail": detail })
}

/// What a subscription delivers.
pub fn subscription(lines: &[String]) -> Value {
    let event = |(id, line): (usize, &String)| json!({ "id": id.to_string(), "message": line });
    let unpacked = json!({ "messageType": "DATA_MESSAGE", "logGroup": INGEST,
        "logEvents": lines.iter().enumerate().map(event).collect::<Vec<_>>() });
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    std::io::Write::write_all(&mut gzip, unpacked.to_string().as_bytes()).unwrap();
    json!({ "awslogs": { "data": BASE64_STANDARD.encode(gzip.finish().unwrap()) } })
}

pub fn alarm(pool: &str, name: &str, state: &str) -> Value {
    let metric = json!({ "namespace": "Headroom", "name": "m", "dimensions": { "Pool": pool } });
    json!({ "source": "aws.cloudwatch", "alarmData": {
        "alarmName": name, "state": { "value": state },
        "configuration": { "metrics": [{ "id": "a", "metricStat": { "metric": metric } }] } } })
}
