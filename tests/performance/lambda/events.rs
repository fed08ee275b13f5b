//! Events to invoke a function with: jobs that are queued, started and completed.

use std::error::Error;
use std::fs;
use std::path::Path;

use ingest::Secrets;
use serde_json::{Value, json};

use super::SECRET;

/// Jobs, of three events each; more than the function remembers.
const JOBS: u64 = 2_000;

/// The first job's id; GitHub's have eleven digits.
const FIRST_JOB: u64 = 57_000_000_000;

/// GitHub's own payload of each phase.
const PHASES: [&str; 3] =
    ["workflow_job.queued.1", "workflow_job.in_progress.3", "workflow_job.completed.2"];

/// All events, as bytes.
pub(crate) fn all(root: &Path) -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
    let secrets = Secrets::new(&[SECRET])?;
    let mut payloads = Vec::new();
    for name in PHASES {
        let text = fs::read(root.join(format!("tests/fixtures/webhooks/{name}.json")))?;
        payloads.push(serde_json::from_slice::<Value>(&text)?);
    }
    let mut events = Vec::new();
    for job in 0..JOBS {
        for (phase, payload) in payloads.iter_mut().enumerate() {
            payload["workflow_job"]["id"] = json!(FIRST_JOB + job);
            let body = payload.to_string();
            let signature = secrets.sign(body.as_bytes()).ok_or("there is no secret")?;
            let delivery = format!("{phase:08x}-cc78-11e3-81ab-{job:012x}");
            events.push(event(&body, &signature, &delivery).to_string().into_bytes());
        }
    }
    Ok(events)
}

fn event(body: &str, signature: &str, delivery: &str) -> Value {
    json!({
        "version": "2.0", "routeKey": "POST /webhook", "rawPath": "/webhook", "rawQueryString": "",
        "headers": {
            "accept": "*/*", "content-length": body.len().to_string(),
            "content-type": "application/json", "host": "abc.execute-api.us-east-1.amazonaws.com",
            "user-agent": "GitHub-Hookshot/044aadd", "x-amzn-trace-id": "Root=1-5bef4de7-ad49b0e8",
            "x-forwarded-for": "140.82.115.1", "x-forwarded-port": "443",
            "x-forwarded-proto": "https", "x-github-delivery": delivery,
            "x-github-event": "workflow_job", "x-github-hook-id": "292430182",
            "x-github-hook-installation-target-id": "79929171",
            "x-github-hook-installation-target-type": "organization",
            "x-hub-signature": "sha1=7d38cdd689735b008b3c702edd92eea23791c5f6",
            "x-hub-signature-256": signature,
        },
        "requestContext": {
            "accountId": "123456789012", "apiId": "abc", "stage": "$default",
            "domainName": "abc.execute-api.us-east-1.amazonaws.com", "domainPrefix": "abc",
            "http": {"method": "POST", "path": "/webhook", "protocol": "HTTP/1.1",
                     "sourceIp": "140.82.115.1", "userAgent": "GitHub-Hookshot/044aadd"},
            "requestId": "JKJaXmPLvHcESHA=", "routeKey": "POST /webhook",
            "time": "10/Mar/2026:05:16:23 +0000", "timeEpoch": 1_773_119_783_000_u64,
        },
        "body": body, "isBase64Encoded": false,
    })
}
