//! A Grafana and what is asked of its HTTP API: dashboards by uid, and a folder for them.
//!
//! <https://grafana.com/docs/grafana/latest/developers/http_api/dashboard/>
//! <https://grafana.com/docs/grafana/latest/developers/http_api/folder/>

use std::fs;
use std::path::Path;

use client::{Address, Answer, Call, Client, Limits, Method, Roots};
use serde_json::{Value, json};

use super::TOKEN_ENV;
use crate::exit::Failure;

/// The uid of the folder, whatever it is called.
const FOLDER_UID: &str = "headroom";

/// A Grafana.
pub(super) struct Grafana {
    client: Client,
    address: Address,
    authorization: Option<String>,
}

impl Grafana {
    /// The one at that address, with the token of that file or of the environment.
    pub(super) fn at(address: &Address, token_file: Option<&Path>) -> Result<Self, Failure> {
        let authorization = token(token_file)?.map(|token| format!("Bearer {token}"));
        if authorization.is_some() && !address.is_encrypted() && !address.is_local() {
            return Err(Failure::Argument {
                key: "--url".into(),
                problem: "a token is sent over HTTPS only, or to this machine".into(),
            });
        }
        let client = Client::new(Limits::default(), &Roots::default());
        Ok(Grafana { client, address: address.clone(), authorization })
    }

    /// The dashboard of that uid; `None` if there is none.
    pub(super) fn dashboard(&self, uid: &str) -> Result<Option<Value>, Failure> {
        let found = self.ask(Method::Get, &format!("/api/dashboards/uid/{uid}"), None)?;
        Ok(found.map(|mut found| found["dashboard"].take()))
    }

    /// The uid of the folder; it is made where it is missing.
    pub(super) fn folder(&self, title: &str) -> Result<String, Failure> {
        if self.ask(Method::Get, &format!("/api/folders/{FOLDER_UID}"), None)?.is_none() {
            let folder = json!({ "uid": FOLDER_UID, "title": title });
            self.must(Method::Post, "/api/folders", &folder)?;
        }
        Ok(FOLDER_UID.to_owned())
    }

    /// Puts a dashboard into a folder, in place of the one of the same uid.
    pub(super) fn put(&self, mut dashboard: Value, folder: &str) -> Result<(), Failure> {
        dashboard["id"] = Value::Null;
        let message = concat!("headroom ", env!("CARGO_PKG_VERSION"));
        let put = json!({
            "dashboard": dashboard, "folderUid": folder, "overwrite": true, "message": message,
        });
        self.must(Method::Post, "/api/dashboards/db", &put)
    }

    fn must(&self, method: Method, path: &str, body: &Value) -> Result<(), Failure> {
        match self.ask(method, path, Some(body))? {
            Some(_) => Ok(()),
            None => Err(self.refused(404, "not found")),
        }
    }

    /// Asks; `None` where nothing is there.
    fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Option<Value>, Failure> {
        let address = self.address.join(path).map_err(|error| Failure::Argument {
            key: "--url".into(),
            problem: error.to_string(),
        })?;
        let body = body.map(Value::to_string);
        let mut headers =
            vec![("accept", "application/json"), ("content-type", "application/json")];
        headers.extend(self.authorization.as_deref().map(|value| ("authorization", value)));
        let body = body.as_deref().map(str::as_bytes);
        let call = Call { method, address: &address, headers: &headers, body };
        let answer = self.client.call(call).map_err(|source| Failure::Call { source })?;
        match answer.status {
            404 if is_json(&answer) => Ok(None),
            _ if answer.is_success() => serde_json::from_str(&answer.text)
                .map(Some)
                .map_err(|_| self.refused(answer.status, "what it answers is no JSON")),
            status => Err(self.refused(status, &message(&answer))),
        }
    }

    fn refused(&self, status: u16, message: &str) -> Failure {
        let who = self.address.host().to_owned();
        Failure::Refused { who, status, message: message.to_owned() }
    }
}

/// Grafana answers in JSON, also where nothing is there; a page is somebody else's.
fn is_json(answer: &Answer) -> bool {
    serde_json::from_str::<Value>(&answer.text).is_ok()
}

/// What Grafana says of its refusal.
fn message(answer: &Answer) -> String {
    let said = serde_json::from_str::<Value>(&answer.text).ok();
    let said = said.and_then(|said| Some(said["message"].as_str()?.to_owned()));
    said.unwrap_or_else(|| "no message".to_owned())
}

fn token(file: Option<&Path>) -> Result<Option<String>, Failure> {
    let text = match file {
        None => std::env::var(TOKEN_ENV).unwrap_or_default(),
        Some(path) => fs::read_to_string(path)
            .map_err(|source| Failure::File { what: path.display().to_string(), source })?,
    };
    let token = text.trim().to_owned();
    match (token.is_empty(), file) {
        (true, Some(path)) => Err(Failure::Argument {
            key: "--token-file".into(),
            problem: format!("{} is empty", path.display()),
        }),
        (true, None) => Ok(None),
        (false, _) => Ok(Some(token)),
    }
}

/// Takes away what a Grafana adds to a dashboard by itself: its own number, how often it was saved,
/// and the versions of its plugins.
pub(super) fn strip(dashboard: &mut Value) {
    if let Some(object) = dashboard.as_object_mut() {
        object.remove("id");
        object.remove("version");
    }
    without_plugin_versions(dashboard);
}

fn without_plugin_versions(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.remove("pluginVersion");
            object.values_mut().for_each(without_plugin_versions);
        }
        Value::Array(list) => list.iter_mut().for_each(without_plugin_versions),
        _ => {}
    }
}
