//! GitHub, as far as Headroom asks it: an App's key is proved, tokens expire, what it redelivers
//! really arrives, and patience is limited.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use model::Timestamp;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::{Value, json};

use super::receiver::{Got, read};
use super::{Connection, Delivery, SECRET, Setup, now};

const KEY: &str = include_str!("../fixtures/github/app-key.pem");
const PUBLIC: &[u8] = include_bytes!("../fixtures/github/app-key.public.der");
const APP: &str = "Iv23liHeadroom";
const INSTALLATION: u64 = 42;
/// What tokens begin with: none may be read anywhere.
pub(crate) const TOKEN_START: &str = "ghs_hush";

/// A GitHub with one App that is installed on one organisation.
#[derive(Clone)]
pub(crate) struct GitHub {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

/// One attempt to deliver.
#[derive(Clone)]
struct Attempt {
    id: u64,
    delivery: Delivery,
    at: Timestamp,
    /// What was answered; 0: nothing.
    status: u16,
}

/// What a story may change.
pub(crate) struct State {
    /// Where the webhook leads to, if anybody listens.
    pub(crate) webhook: Option<SocketAddr>,
    /// What it is signed with.
    pub(crate) secret: String,
    /// Jobs by repository and id, as the API tells of them; each run has one.
    pub(crate) jobs: BTreeMap<(String, u64), Value>,
    /// A repository that the App may not see.
    pub(crate) hidden: Option<String>,
    /// So long tokens are good.
    pub(crate) token_life: Duration,
    /// Requests that are left, and for how long from the first on.
    pub(crate) rate: (u32, Duration),
    /// When the allowance begins anew.
    pub(crate) reset: Option<Timestamp>,
    /// The next requests are answered so, instead.
    pub(crate) failing: VecDeque<u16>,
    /// So many wishes for another attempt are answered 503.
    pub(crate) deaf: u32,
    /// Answers about the set-up, by path.
    pub(crate) about: BTreeMap<String, Value>,
    /// Whether the App is installed there.
    pub(crate) installed: bool,
    organization: String,
    attempts: Vec<Attempt>,
    tokens: Vec<(String, Timestamp)>,
    asked: Vec<(String, Timestamp)>,
}

impl GitHub {
    /// With an organisation of that name.
    pub(crate) fn of(organization: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State {
            webhook: None,
            secret: SECRET.to_owned(),
            jobs: BTreeMap::new(),
            hidden: None,
            token_life: Duration::from_hours(1),
            rate: (5000, Duration::from_hours(1)),
            reset: None,
            failing: VecDeque::new(),
            deaf: 0,
            about: BTreeMap::new(),
            installed: true,
            organization: organization.to_owned(),
            attempts: Vec::new(),
            tokens: Vec::new(),
            asked: Vec::new(),
        }));
        let github = GitHub { address, state };
        let serving = github.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serving.converse(stream);
            }
        });
        github
    }

    /// What a story may change.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// A server that may ask it, each second.
    pub(crate) fn setup(&self) -> Setup {
        let setup = Setup::new().config(&self.config());
        setup.write("app.pem", KEY);
        setup
    }

    /// The configuration of a server that scales nothing.
    pub(crate) fn config(&self) -> String {
        format!("[scaler]\nmode = \"off\"\n{}", self.section())
    }

    /// The section of the configuration.
    pub(crate) fn section(&self) -> String {
        format!(
            "[github]\norganization = \"{}\"\napp_id = \"{APP}\"\n\
             private_key_file = \"app.pem\"\napi_url = \"http://{}/api/v3\"\ncheck_secs = 1\n",
            self.state().organization,
            self.address
        )
    }

    /// Something happened: the webhook is told, or nobody listens.
    pub(crate) fn delivers(&self, delivery: &Delivery) {
        deliver(&self.state, delivery.clone());
    }

    /// What the attempts to deliver an event were answered, the oldest first.
    pub(crate) fn answers(&self, delivery: &Delivery) -> Vec<u16> {
        let state = self.state();
        let of = state.attempts.iter().filter(|attempt| attempt.delivery.id == delivery.id);
        of.map(|attempt| attempt.status).collect()
    }

    /// Methods and paths that were asked so far, and when.
    pub(crate) fn asked(&self) -> Vec<(String, Timestamp)> {
        self.state().asked.clone()
    }

    /// How many tokens were given out.
    pub(crate) fn tokens(&self) -> usize {
        self.state().tokens.len()
    }

    fn converse(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream);
        let Some(got) = read(&mut reader) else { return };
        let (status, head, body) = self.answer(&got);
        let body = if status == 204 { String::new() } else { body.to_string() };
        let answer = format!(
            "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n{head}\r\n{body}",
            body.len()
        );
        // Who was killed meanwhile reads no more.
        let _ = reader.get_mut().write_all(answer.as_bytes());
    }

    /// Status, further lines of the head, and body.
    fn answer(&self, got: &Got) -> (u16, String, Value) {
        let mut words = got.head.split(' ');
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        let target = target.strip_prefix("/api/v3").unwrap_or(target);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let bearer = got.header("authorization").and_then(|it| it.strip_prefix("Bearer "));
        let bearer = bearer.unwrap_or_default();
        let mut state = self.state();
        state.asked.push((format!("{method} {path}"), now()));
        if let Some(status) = state.failing.pop_front() {
            return (status, String::new(), json!({ "message": "Server Error" }));
        }
        let is_of_app = path.starts_with("/app") || path.ends_with("/installation");
        if is_of_app {
            if let Err(message) = proved(bearer) {
                return (401, String::new(), json!({ "message": message }));
            }
            let (status, body) = self.of_app(&mut state, method, path);
            return (status, String::new(), body);
        }
        if !state.tokens.iter().any(|(token, until)| token == bearer && now() < *until) {
            return (401, String::new(), json!({ "message": "Bad credentials" }));
        }
        if state.reset.is_some_and(|reset| reset <= now()) {
            (state.rate, state.reset) = ((5000, Duration::from_hours(1)), None);
        }
        let (left, window) = state.rate;
        let reset = *state.reset.get_or_insert(now().plus(window));
        let left = left.saturating_sub(1);
        state.rate.0 = left;
        let head = format!(
            "x-ratelimit-limit: 5000\r\nx-ratelimit-remaining: {left}\r\nx-ratelimit-reset: {}\r\n",
            reset.as_secs()
        );
        let (status, body) = state.of_owner(method, path, query);
        (status, head, body)
    }

    fn of_app(&self, state: &mut State, method: &str, path: &str) -> (u16, Value) {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (method, &parts[..]) {
            ("GET", ["orgs", name, "installation"])
                if *name == state.organization && state.installed =>
            {
                (200, json!({ "id": INSTALLATION }))
            }
            ("POST", ["app", "installations", "42", "access_tokens"]) => {
                let token = format!("{TOKEN_START}_{}", state.tokens.len());
                let until = now().plus(state.token_life);
                state.tokens.push((token.clone(), until));
                (201, json!({ "token": token, "expires_at": until.to_string() }))
            }
            ("GET", ["app", "hook", "deliveries"]) => (200, state.listed()),
            ("POST", ["app", "hook", "deliveries", id, "attempts"]) => {
                if state.deaf > 0 {
                    state.deaf -= 1;
                    return (503, json!({ "message": "Service Unavailable" }));
                }
                let id: u64 = id.parse().unwrap();
                let Some(attempt) = state.attempts.iter().find(|attempt| attempt.id == id) else {
                    return (404, json!({ "message": "Not Found" }));
                };
                let (delivery, state) = (attempt.delivery.clone(), Arc::clone(&self.state));
                // GitHub says yes, and delivers some time later.
                thread::spawn(move || deliver(&state, delivery));
                (202, json!({}))
            }
            _ => state.of_about(path),
        }
    }
}

impl State {
    fn listed(&self) -> Value {
        let row = |attempt: &Attempt| {
            json!({
                "id": attempt.id, "guid": attempt.delivery.id, "event": attempt.delivery.event,
                "delivered_at": attempt.at.to_string(), "status_code": attempt.status,
                "status": "whatever", "redelivery": false, "duration": 0.1, "action": null,
                "installation_id": INSTALLATION, "repository_id": 1,
            })
        };
        self.attempts.iter().rev().map(row).collect()
    }

    fn of_owner(&self, method: &str, path: &str, query: &str) -> (u16, Value) {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let number = |text: &str| text.parse::<u64>().unwrap_or_default();
        if self.hidden.as_ref().is_some_and(|name| path.starts_with(&format!("/repos/{name}/"))) {
            return (404, json!({ "message": "Not Found" }));
        }
        match (method, &parts[..]) {
            ("GET", ["repos", owner, name, "actions", "runs"]) => {
                let of = format!("{owner}/{name}");
                let is_asked = |job: &Value| {
                    query.contains(&format!("status={}", job["status"].as_str().unwrap()))
                };
                let runs: Vec<Value> = self
                    .jobs
                    .iter()
                    .filter(|((repository, _), job)| *repository == of && is_asked(job))
                    .map(|((_, id), _)| json!({ "id": id }))
                    .collect();
                (200, json!({ "total_count": runs.len(), "workflow_runs": runs }))
            }
            ("GET", ["repos", owner, name, "actions", "runs", id, "jobs"]) => {
                match self.jobs.get(&(format!("{owner}/{name}"), number(id))) {
                    Some(job) => (200, json!({ "total_count": 1, "jobs": [job] })),
                    None => (404, json!({ "message": "Not Found" })),
                }
            }
            ("GET", ["repos", owner, name, "actions", "jobs", id]) => {
                match self.jobs.get(&(format!("{owner}/{name}"), number(id))) {
                    Some(job) => (200, job.clone()),
                    None => (404, json!({ "message": "Not Found" })),
                }
            }
            _ => self.of_about(path),
        }
    }

    fn of_about(&self, path: &str) -> (u16, Value) {
        match self.about.get(path) {
            Some(answer) => (200, answer.clone()),
            None => (404, json!({ "message": "Not Found" })),
        }
    }
}

/// Tries to deliver, and notes what came of it.
fn deliver(state: &Mutex<State>, delivery: Delivery) {
    let (webhook, secret) = {
        let state = state.lock().unwrap();
        (state.webhook, state.secret.clone())
    };
    let request = delivery.signed(&secret);
    let answer = webhook
        .and_then(|address| Connection::open(address).ok())
        .and_then(|mut connection| connection.send(&request).ok());
    let mut state = state.lock().unwrap();
    let id = state.attempts.len() as u64 + 1;
    let status = answer.map_or(0, |answer| answer.status);
    state.attempts.push(Attempt { id, delivery, at: now(), status });
}

/// Whether a token is the App's own, as GitHub judges it.
fn proved(token: &str) -> Result<(), &'static str> {
    let undecoded = "A JSON web token could not be decoded";
    let decoded = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| undecoded);
    let (text, signature) = token.rsplit_once('.').ok_or(undecoded)?;
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, PUBLIC)
        .verify(text.as_bytes(), &decoded(signature)?)
        .map_err(|_| undecoded)?;
    let claims = decoded(text.split_once('.').ok_or(undecoded)?.1)?;
    let claims: Value = serde_json::from_slice(&claims).map_err(|_| undecoded)?;
    let (from, until) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
    let now = now().as_secs();
    match claims["iss"] == APP && from <= now && now < until && until - now <= 600 {
        true => Ok(()),
        false => Err("'Expiration time' claim ('exp') is too far in the future"),
    }
}

/// A job as the API tells of it.
pub(crate) fn job_told(id: u64, status: &str, created_at: Timestamp) -> Value {
    let is_over = status == "completed";
    let has_runner = status != "queued";
    let stamp = |yes: bool, after: u64| {
        yes.then(|| created_at.plus(Duration::from_secs(after)).to_string())
    };
    json!({
        "id": id, "run_id": id, "run_attempt": 1, "status": status,
        "conclusion": is_over.then_some("success"), "created_at": created_at.to_string(),
        "started_at": created_at.plus(Duration::from_secs(if has_runner { 10 } else { 0 })).to_string(),
        "completed_at": stamp(is_over, 70), "name": "build", "workflow_name": "ci",
        "head_branch": "main", "labels": ["self-hosted", "linux"],
        "html_url": "https://github.com/x", "runner_id": has_runner.then_some(7),
        "runner_name": has_runner.then_some("runner-7"),
        "runner_group_id": has_runner.then_some(1), "runner_group_name": has_runner.then_some("Default"),
    })
}
