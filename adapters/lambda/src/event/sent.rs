//! What GitHub sent, as it arrived at a door.

use std::borrow::Cow;

use ingest::{Rejection, Request, from_base64};

use super::raw::Raw;

/// The headers that count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers {
    event: Option<String>,
    delivery: Option<String>,
    signature: Option<String>,
    content_type: Option<String>,
}

/// Headers and body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// The headers that count.
    pub headers: Headers,
    /// The body as the event holds it.
    pub body: String,
    /// Whether that is base64.
    pub is_base64: bool,
}

impl Headers {
    /// Where the value of that header belongs; doors differ in the case of names.
    pub(super) fn slot(&mut self, name: &str) -> Option<&mut Option<String>> {
        let slots = [
            ("x-github-event", &mut self.event),
            ("x-github-delivery", &mut self.delivery),
            ("x-hub-signature-256", &mut self.signature),
            ("content-type", &mut self.content_type),
        ];
        slots.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, slot)| slot)
    }

    fn is_of_github(&self) -> bool {
        self.event.is_some() || self.signature.is_some()
    }
}

impl Sent {
    /// A queued request: the body is the message and the headers are its attributes, or both are
    /// wrapped in the message, as `{"headers":{..},"body":"..","isBase64Encoded":true}`.
    pub(super) fn queued(attributes: Headers, body: String) -> Self {
        let mut sent = Sent { headers: attributes, body, is_base64: false };
        if !sent.headers.is_of_github() {
            let wrapped: Raw = serde_json::from_str(&sent.body).unwrap_or_default();
            if let (Some(headers), Some(body)) = (wrapped.headers, wrapped.body) {
                sent = Sent { headers, body, is_base64: wrapped.is_base64 };
            }
        }
        // What fills the queue may not carry this header on; the signature proves the body anyway.
        let is_form = sent.body.starts_with("payload=");
        let usual = if is_form { "application/x-www-form-urlencoded" } else { "application/json" };
        sent.headers.content_type.get_or_insert_with(|| usual.to_owned());
        sent
    }

    /// The bytes that were signed.
    ///
    /// # Errors
    /// [`Rejection::Body`] when they are said to be base64 and are not.
    pub fn bytes(&self) -> Result<Cow<'_, [u8]>, Rejection> {
        match self.is_base64 {
            true => from_base64(self.body.as_bytes()).map(Cow::Owned),
            false => Ok(Cow::Borrowed(self.body.as_bytes())),
        }
    }

    /// The request with this body.
    pub fn request<'a>(&'a self, body: &'a [u8]) -> Request<'a> {
        // An HTTP server hands on no other header either.
        let visible = |text: &&str| text.bytes().all(|b| b == b'\t' || (b' '..=b'~').contains(&b));
        let header = |value: &'a Option<String>| value.as_deref().filter(visible);
        let Headers { event, delivery, signature, content_type } = &self.headers;
        Request {
            event: header(event),
            delivery: header(delivery),
            signature: header(signature),
            content_type: header(content_type),
            body,
        }
    }
}
