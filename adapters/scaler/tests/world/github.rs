//! A GitHub on loopback that keeps runners. Who asks is checked by the tests of the adapter.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::http::{Request, Response, serve};

/// What it holds.
#[derive(Default)]
struct State {
    /// By name: number, and whether it has a job.
    runners: BTreeMap<String, (u64, bool)>,
    registered: Vec<Value>,
    online: BTreeSet<String>,
    is_down: bool,
    /// Attempts to deliver, as GitHub lists them.
    deliveries: Vec<Value>,
    /// Those of them that were asked for once more.
    redelivered: Vec<u64>,
    /// Jobs of the repository `acme/app`, as GitHub has them.
    jobs: BTreeMap<u64, Value>,
}

/// The side of the tests. Clones are the same GitHub.
#[derive(Clone)]
pub struct GitHub {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl GitHub {
    /// The organisation `acme` with a runner group `secure`, and no runners.
    pub fn start() -> GitHub {
        let state: Arc<Mutex<State>> = Arc::default();
        let serving = Arc::clone(&state);
        let address = serve(move |request| Some(serving.lock().unwrap().answer(&request)));
        GitHub { address, state }
    }

    /// There is a runner.
    pub fn runner(&self, name: &str, is_busy: bool) {
        let mut state = self.state.lock().unwrap();
        let id = 100 + state.runners.len() as u64;
        state.runners.insert(name.into(), (id, is_busy));
    }

    /// There is a runner that is connected and has no job.
    pub fn online(&self, name: &str) {
        self.runner(name, false);
        self.state.lock().unwrap().online.insert(name.into());
    }

    /// The names of the runners that are there.
    pub fn runners(&self) -> Vec<String> {
        self.state.lock().unwrap().runners.keys().cloned().collect()
    }

    /// What was asked for each registration that was made.
    pub fn registered(&self) -> Vec<Value> {
        self.state.lock().unwrap().registered.clone()
    }

    /// An attempt to deliver came to that status.
    pub fn delivered(&self, id: u64, guid: &str, status: u16) {
        let at = super::now().minus(std::time::Duration::from_mins(4)).to_string();
        self.state.lock().unwrap().deliveries.push(json!({
            "id": id, "guid": guid, "delivered_at": at, "redelivery": false, "duration": 0.1,
            "status": "x", "status_code": status, "event": "workflow_job", "action": "queued",
            "installation_id": null, "repository_id": null,
        }));
    }

    /// What was asked to be delivered once more.
    pub fn redelivered(&self) -> Vec<u64> {
        self.state.lock().unwrap().redelivered.clone()
    }

    /// A job of `acme/app` stands so since then.
    pub fn job(&self, id: u64, status: &str, at: model::Timestamp) {
        let (mut job, at) = (
            json!({ "id": id, "run_id": 1, "run_attempt": 1, "status": status,
            "name": "build", "labels": ["linux"] }),
            at.to_string(),
        );
        job["created_at"] = json!(at);
        job["started_at"] = json!(at);
        if status != "queued" {
            job["runner_name"] = json!(format!("linux-i-{id:08x}"));
        }
        if status == "completed" {
            (job["completed_at"], job["conclusion"]) = (json!(at), json!("success"));
        }
        self.state.lock().unwrap().jobs.insert(id, job);
    }

    /// It fails, or works again.
    pub fn is_down(&self, is_down: bool) {
        self.state.lock().unwrap().is_down = is_down;
    }
}

impl State {
    fn answer(&mut self, request: &Request) -> Response {
        if self.is_down {
            return told(502, &json!({ "message": "Server Error" }));
        }
        let path = request.path.as_str();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        match path {
            "/orgs/acme/installation" => told(200, &json!({ "id": 7 })),
            "/app/installations/7/access_tokens" => {
                let until = super::now().plus(std::time::Duration::from_hours(1)).to_string();
                told(201, &json!({ "token": "ghs_token", "expires_at": until }))
            }
            "/app/hook/deliveries" => told(200, &json!(self.deliveries)),
            "/repos/acme/app/actions/runs" => {
                let is_asked = query.contains("status=in_progress") && !self.jobs.is_empty();
                let runs = if is_asked { json!([{ "id": 1 }]) } else { json!([]) };
                told(200, &json!({ "total_count": 1, "workflow_runs": runs }))
            }
            "/repos/acme/app/actions/runs/1/jobs" => {
                let jobs: Vec<&Value> = self.jobs.values().collect();
                told(200, &json!({ "total_count": jobs.len(), "jobs": jobs }))
            }
            "/orgs/acme/actions/runner-groups" => {
                let group = json!({ "id": 5, "name": "secure", "visibility": "all",
                                    "allows_public_repositories": false });
                told(200, &json!({ "total_count": 1, "runner_groups": [group] }))
            }
            "/orgs/acme/actions/runners/generate-jitconfig" => {
                self.registers(&serde_json::from_slice(&request.body).unwrap())
            }
            "/orgs/acme/actions/runners" => {
                let name = query.split('&').find_map(|part| part.strip_prefix("name="));
                let named =
                    self.runners.iter().filter(|(known, _)| name.is_none_or(|n| n == *known));
                let runner = |(name, (id, is_busy)): (&String, &(u64, bool))| {
                    let is_online = *is_busy || self.online.contains(name);
                    let status = if is_online { "online" } else { "offline" };
                    json!({ "id": id, "name": name, "os": "linux", "status": status,
                            "busy": is_busy, "labels": [] })
                };
                let runners: Vec<Value> = named.map(runner).collect();
                told(200, &json!({ "total_count": runners.len(), "runners": runners }))
            }
            path if path.starts_with("/app/hook/deliveries/") => {
                let id = path.split('/').nth(4).and_then(|id| id.parse::<u64>().ok());
                self.redelivered.extend(id);
                told(202, &json!({}))
            }
            path if path.starts_with("/repos/acme/app/actions/jobs/") => {
                let id = path.rsplit('/').next().and_then(|id| id.parse::<u64>().ok());
                match id.and_then(|id| self.jobs.get(&id)) {
                    Some(job) => told(200, job),
                    None => told(404, &json!({ "message": "Not Found" })),
                }
            }
            path => {
                let id =
                    path.strip_prefix("/orgs/acme/actions/runners/").and_then(|id| id.parse().ok());
                self.ends(id.unwrap_or_else(|| panic!("nobody expected {path}")))
            }
        }
    }

    fn registers(&mut self, asked: &Value) -> Response {
        let name = asked["name"].as_str().unwrap().to_owned();
        if self.runners.contains_key(&name) {
            return told(409, &json!({ "message": "Already exists" }));
        }
        let id = 1 + self.registered.len() as u64;
        self.registered.push(asked.clone());
        self.runners.insert(name.clone(), (id, false));
        let runner = json!({ "id": id, "name": name, "os": "unknown", "status": "offline" });
        told(201, &json!({ "runner": runner, "encoded_jit_config": format!("jit-{id}") }))
    }

    fn ends(&mut self, id: u64) -> Response {
        let found = self.runners.iter().find(|(_, (known, _))| *known == id);
        match found.map(|(name, (_, is_busy))| (name.clone(), *is_busy)) {
            None => told(404, &json!({ "message": "Not Found" })),
            Some((_, true)) => told(422, &json!({ "message": "is currently running a job" })),
            Some((name, false)) => {
                self.runners.remove(&name);
                told(204, &Value::Null)
            }
        }
    }
}

fn told(status: u16, body: &Value) -> Response {
    let body = if status == 204 { Vec::new() } else { body.to_string().into_bytes() };
    Response { status, content_type: "application/json", body }
}
