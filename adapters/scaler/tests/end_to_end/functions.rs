//! Functions, as an emulator of AWS executes them.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::world::http::{Request, Response, serve};

use super::ministack::{ACCOUNT, Ministack};
use super::moto::{REGION, ask, signed_for};

impl Ministack {
    /// An address at which the events of log groups have ids, as AWS gives each one and the emulator
    /// none. The rest is passed on.
    pub fn url_of_logs(&self) -> String {
        let to = self.address();
        let with_ids = move |request: Request| {
            let target = request.target.unwrap_or_default();
            let headers = [
                ("authorization", &*signed_for("logs")),
                ("content-type", &*request.content_type),
                ("x-amz-target", &*target),
            ];
            let (status, said) = ask(to, "POST", &request.path, &headers, &request.body);
            let mut body: Value = serde_json::from_str(&said).unwrap_or_default();
            for event in body["events"].as_array_mut().into_iter().flatten() {
                let mut hasher = DefaultHasher::new();
                event.to_string().hash(&mut hasher);
                event["eventId"] = json!(hasher.finish().to_string());
            }
            let body = body.to_string().into_bytes();
            Some(Response { status, content_type: "application/x-amz-json-1.1", body })
        };
        format!("http://{}", serve(with_ids))
    }

    /// Makes a function of the binary of that package, which writes to that log group.
    pub fn make_function(
        &self,
        name: &str,
        package: &str,
        binary: &str,
        log_group: &str,
        variables: &[(&str, &str)],
    ) {
        let variables: serde_json::Map<String, Value> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let function = json!({
            "FunctionName": name,
            "Runtime": "provided.al2023",
            "Handler": "bootstrap",
            "Role": format!("arn:aws:iam::{ACCOUNT}:role/{name}"),
            "Timeout": 9,
            "Environment": { "Variables": variables },
            "LoggingConfig": { "LogFormat": "JSON", "LogGroup": log_group },
            "Code": { "ZipFile": BASE64_STANDARD.encode(zip(package, binary)) },
        });
        self.lambda("POST", "/2015-03-31/functions", &function);
    }

    /// The address of a function URL of it, without a scheme.
    pub fn function_url(&self, name: &str) -> String {
        let path = format!("/2021-10-31/functions/{name}/url");
        let made = self.lambda("POST", &path, &json!({ "AuthType": "NONE" }));
        let url = made["FunctionUrl"].as_str().unwrap();
        url.trim_start_matches("https://").trim_end_matches('/').to_owned()
    }

    pub fn make_log_group(&self, name: &str) {
        let (status, said) = self.logs("CreateLogGroup", &json!({ "logGroupName": name }));
        assert_eq!(status, 200, "{said}");
    }

    /// Has lines of a log group sent to a function.
    pub fn subscribe(&self, log_group: &str, pattern: &str, function: &str) {
        let filter = json!({
            "logGroupName": log_group,
            "filterName": function,
            "filterPattern": pattern,
            "destinationArn": format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}"),
        });
        let (status, said) = self.logs("PutSubscriptionFilter", &filter);
        assert_eq!(status, 200, "{said}");
    }

    /// No lines are sent any more.
    pub fn unsubscribe(&self, log_group: &str, function: &str) {
        let filter = json!({ "logGroupName": log_group, "filterName": function });
        let (status, said) = self.logs("DeleteSubscriptionFilter", &filter);
        assert_eq!(status, 200, "{said}");
    }

    /// Invokes a function as a service of AWS does, and waits for its answer.
    pub fn invoke(&self, function: &str, event: &Value) -> Value {
        self.lambda("POST", &format!("/2015-03-31/functions/{function}/invocations"), event)
    }

    /// What a request to a function URL is answered.
    pub fn post_to(&self, url: &str, headers: &[(&str, &str)], body: &[u8]) -> u16 {
        let headers: Vec<_> = [("host", url)].iter().chain(headers).copied().collect();
        ask(self.address(), "POST", "/", &headers, body).0
    }

    /// The lines of a log group.
    pub fn lines(&self, log_group: &str) -> Vec<String> {
        let (_, said) = self.logs("FilterLogEvents", &json!({ "logGroupName": log_group }));
        let said: Value = serde_json::from_str(&said).unwrap_or_default();
        let events = said["events"].as_array().cloned().unwrap_or_default();
        events.iter().filter_map(|event| event["message"].as_str().map(str::to_owned)).collect()
    }

    fn lambda(&self, method: &str, path: &str, body: &Value) -> Value {
        let headers = [("authorization", &*signed_for("lambda"))];
        let (status, said) =
            ask(self.address(), method, path, &headers, body.to_string().as_bytes());
        assert!((200..300).contains(&status), "{method} {path}: {status} {said}");
        let answer: Value = serde_json::from_str(&said).unwrap_or_default();
        assert!(answer["errorMessage"].is_null(), "{path}: {said}");
        answer
    }

    fn logs(&self, action: &str, body: &Value) -> (u16, String) {
        let headers = [
            ("authorization", &*signed_for("logs")),
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", &*format!("Logs_20140328.{action}")),
        ];
        ask(self.address(), "POST", "/", &headers, body.to_string().as_bytes())
    }
}

fn tool(path: &str) -> PathBuf {
    repository().join("tests/.tools").join(path)
}

pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The zip that Lambda is given, with the binary built as these tests are.
fn zip(package: &str, binary: &str) -> Vec<u8> {
    static MADE: Mutex<BTreeMap<String, Vec<u8>>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap();
    made.entry(binary.to_owned()).or_insert_with(|| packed(package, binary)).clone()
}

fn packed(package: &str, binary: &str) -> Vec<u8> {
    let profile = Path::new(env!("CARGO_BIN_EXE_scaler-lambda")).parent().unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--locked", "--quiet", "--package", package, "--bin", binary]);
    cargo.args((!cfg!(debug_assertions)).then_some("--release"));
    cargo.env("CARGO_TARGET_DIR", profile.parent().unwrap()).current_dir(repository());
    assert!(cargo.status().unwrap().success(), "{cargo:?}");
    // What a debugger would want is most of it.
    let stripped = profile.join(format!("{binary}.stripped"));
    let mut strip = Command::new("strip");
    let strip = strip.arg("-o").args([&stripped, &profile.join(binary)]).status().unwrap();
    assert!(strip.success());
    let pack = "import sys, zipfile\n\
                with zipfile.ZipFile(sys.stdout.buffer, 'w', zipfile.ZIP_DEFLATED, \
                compresslevel=1) as zip: zip.write(sys.argv[1], 'bootstrap')";
    let mut python = Command::new(tool("ministack/bin/python"));
    let packed = python.args(["-c", pack]).arg(stripped).output().unwrap();
    assert!(packed.status.success(), "{}", String::from_utf8_lossy(&packed.stderr));
    packed.stdout
}
