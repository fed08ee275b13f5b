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
