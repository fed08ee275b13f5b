//! What is put into the emulator, and read back.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use serde_json::{Value, json};

use crate::process::CloudWatch;

/// An emulator; it ends with the test.
pub struct Emulator {
    process: Option<CloudWatch>,
    url: String,
}

impl Emulator {
    pub fn start() -> Emulator {
        let process = CloudWatch::start(Path::new(env!("CARGO_MANIFEST_DIR")));
        let url = format!("http://{}", process.address());
        Emulator { process: Some(process), url }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    /// Makes a log group that holds these lines, each with its time.
    pub fn make_log_group(&self, name: &str, lines: &[(u64, String)]) {
        let stream = json!({ "logGroupName": name, "logStreamName": "lines" });
        self.logs("CreateLogGroup", &json!({ "logGroupName": name }));
        self.logs("CreateLogStream", &stream);
        if lines.is_empty() {
            return;
        }
        let event = |(at, line): &(u64, String)| json!({ "timestamp": at, "message": line });
        let mut put = stream;
        put["logEvents"] = lines.iter().map(event).collect();
        self.logs("PutLogEvents", &put);
    }

    /// The lines of a log group, in order of time.
    pub fn lines(&self, name: &str) -> Vec<String> {
        let (mut lines, mut token) = (Vec::new(), Value::Null);
        loop {
            let mut ask = json!({ "logGroupName": name });
            if !token.is_null() {
                ask["nextToken"] = token;
            }
            let mut page: Value = self.logs("FilterLogEvents", &ask);
            let events = page["events"].as_array().unwrap().iter();
            lines.extend(events.map(|event| event["message"].as_str().unwrap().to_owned()));
            token = page["nextToken"].take();
            if token.is_null() {
                return lines;
            }
        }
    }

    /// Puts data into CloudWatch, each with its own time, as `PutMetricData` takes them.
    pub fn put_metrics(&self, data: &[Value]) {
        let body = json!({ "Namespace": "Headroom", "MetricData": data });
        self.call("monitoring", "GraniteServiceVersion20100801.PutMetricData", &body);
    }

    fn logs(&self, action: &str, body: &Value) -> Value {
        self.call("logs", &format!("Logs_20140328.{action}"), body)
    }

    /// It takes services from the scope of the signature, and checks no signature.
    fn call(&self, service: &str, action: &str, body: &Value) -> Value {
        let address = self.address();
        let scope = format!("Credential=key/20260101/eu-west-1/{service}/aws4_request");
        let body = body.to_string();
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "POST / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
             content-type: application/x-amz-json-1.1\r\nx-amz-target: {action}\r\n\
             authorization: AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{action}: {answer}");
        let (_, told) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(told).unwrap_or(Value::Null)
    }

    /// The same address when nobody listens there any more.
    pub fn gone(mut self) -> Emulator {
        self.process = None;
        self
    }
}
