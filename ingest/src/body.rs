//! From signed bytes to JSON text: media types, form bodies, base64.

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::{Rejection, Verified};

/// GitHub caps payloads at 25 MB and does not deliver larger ones.
/// <https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap>
pub const BODY_BYTES_MAX: usize = 25 * 1024 * 1024;

/// How the payload lies in the body; the webhook's setting "Content type".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// The body is the payload.
    Json,
    /// The payload is the form field `payload`.
    Form,
}

impl MediaType {
    /// Reads `Content-Type`; parameters such as `charset` do not matter.
    ///
    /// # Errors
    /// [`Rejection::MediaType`] for any other type, and for none.
    pub fn of(header: Option<&str>) -> Result<Self, Rejection> {
        let essence = header.unwrap_or("").split(';').next().unwrap_or("").trim();
        if essence.eq_ignore_ascii_case("application/json") {
            Ok(MediaType::Json)
        } else if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            Ok(MediaType::Form)
        } else {
            Err(Rejection::MediaType)
        }
    }
}

/// The JSON text of a verified body.
///
/// # Errors
/// [`Rejection::Body`] when it is not UTF-8 or a form without `payload`.
pub(crate) fn text<'a>(
    verified: &'a Verified<'_>,
    media_type: MediaType,
) -> Result<Cow<'a, str>, Rejection> {
    let bytes = verified.bytes();
    match media_type {
        MediaType::Json => {
            std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| Rejection::Body("not UTF-8"))
        }
        MediaType::Form => form(bytes),
    }
}

/// The JSON text in a form body.
///
/// # Errors
/// [`Rejection::Body`] when there is no field `payload`.
pub(crate) fn form(bytes: &[u8]) -> Result<Cow<'_, str>, Rejection> {
    form_urlencoded::parse(bytes)
        .find(|(name, _)| name == "payload")
        .map(|(_, payload)| payload)
        .ok_or(Rejection::Body("the form has no field named payload"))
}

/// The raw bytes of a body that a gateway sent as base64, to be verified like any other.
///
/// # Errors
/// [`Rejection::Body`] when it is not base64.
pub fn from_base64(body: &[u8]) -> Result<Vec<u8>, Rejection> {
    BASE64_STANDARD.decode(body).map_err(|_| Rejection::Body("not base64, although it says so"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_are_compared_without_case_and_parameters() {
        for (header, expected) in [
            (Some("application/json"), Ok(MediaType::Json)),
            (Some("Application/JSON; charset=utf-8"), Ok(MediaType::Json)),
            (Some("application/x-www-form-urlencoded"), Ok(MediaType::Form)),
            (Some("text/plain"), Err(Rejection::MediaType)),
            (Some("application/jsonp"), Err(Rejection::MediaType)),
            (Some(""), Err(Rejection::MediaType)),
            (None, Err(Rejection::MediaType)),
        ] {
            assert_eq!(MediaType::of(header), expected, "{header:?}");
        }
    }

    #[test]
    fn base64_gives_the_bytes_that_were_signed() {
        assert_eq!(from_base64(b"eyJhIjoxfQ==").unwrap(), b"{\"a\":1}");
        assert!(matches!(from_base64(b"{\"a\":1}"), Err(Rejection::Body(_))));
    }
}
