//! Webhook requests as GitHub sends them: real payloads, signed.

use std::fs;

use ingest::Secrets;
use serde_json::Value;

use super::{Request, repository};

/// One webhook request before it is signed.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) event: String,
    pub(crate) id: String,
    pub(crate) body: Vec<u8>,
    pub(crate) content_type: String,
}

impl Delivery {
    pub(crate) fn new(event: &str, id: &str, body: impl Into<Vec<u8>>) -> Self {
        let content_type = "application/json".to_owned();
        Delivery { event: event.into(), id: id.into(), body: body.into(), content_type }
    }

    /// The same content under another delivery id.
    pub(crate) fn again_as(&self, id: &str) -> Self {
        Delivery { id: id.to_owned(), ..self.clone() }
    }

    /// The same with a payload that was changed by hand.
    pub(crate) fn edited(mut self, edit: impl FnOnce(&mut Value)) -> Self {
        let mut payload = serde_json::from_slice(&self.body).unwrap();
        edit(&mut payload);
        self.body = payload.to_string().into_bytes();
        self
    }

    /// The same payload in a form field, as the webhook's other content type sends it.
    pub(crate) fn in_a_form(mut self) -> Self {
        self.body = form(&self.body);
        self.content_type = "application/x-www-form-urlencoded".into();
        self
    }

    /// The request, signed with `secret`.
    pub(crate) fn signed(&self, secret: &str) -> Request {
        let secrets = Secrets::new(&[secret]).unwrap();
        self.request(&secrets.sign(&self.body).unwrap())
    }

    /// The request with any signature.
    pub(crate) fn request(&self, signature: &str) -> Request {
        Request::post("/webhook")
            .header("user-agent", "GitHub-Hookshot/044aadd")
            .header("content-type", &self.content_type)
            .header("x-github-event", &self.event)
            .header("x-github-delivery", &self.id)
            .header("x-hub-signature-256", signature)
            .body(self.body.clone())
    }
}

/// `payload=` and the payload, percent-encoded as forms are.
pub(crate) fn form(payload: &[u8]) -> Vec<u8> {
    let mut body = b"payload=".to_vec();
    for byte in payload {
        match byte {
            b' ' => body.push(b'+'),
            b if b.is_ascii_alphanumeric() || b"-._*".contains(b) => body.push(*b),
            b => body.extend_from_slice(format!("%{b:02X}").as_bytes()),
        }
    }
    body
}

/// One of GitHub's own payloads, by the beginning of its file's name: `workflow_job.queued.1`.
#[track_caller]
pub(crate) fn fixture(name: &str) -> Delivery {
    let path = repository().join(format!("tests/fixtures/webhooks/{name}.json"));
    let told = |error| panic!("{}: {error}", path.display());
    let body = fs::read(&path).unwrap_or_else(told);
    let event = name.split('.').next().unwrap();
    Delivery::new(event, &format!("fixture-{name}"), body)
}

/// The names of all of them, in order.
pub(crate) fn fixtures() -> Vec<String> {
    let files = fs::read_dir(repository().join("tests/fixtures/webhooks")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.map(|name| name.replace(".json", "")).collect();
    names.sort();
    names
}
