//! A value that is no list and no object.

use std::borrow::Cow;

use model::Timestamp;

use super::Fault;
use crate::json::{self, Cursor};

/// Longer names are cut: GitHub's own limits are far below.
const TEXT_BYTES_MAX: usize = 4096;

/// A scalar of whatever type: GitHub writes null, 0 and `""` for "none", and Enterprise Server
/// versions differ.
#[derive(Default)]
pub(super) enum Scalar<'a> {
    #[default]
    Nothing,
    Text(Cow<'a, str>),
    Number(u64),
}

impl<'a> Scalar<'a> {
    /// Reads the value that begins here, of which a list and an object are nothing.
    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Fault> {
        let raw = cursor.value()?;
        match raw.as_bytes() {
            [b'"', ..] => {
                let text = json::text(raw).map_err(Fault::Text)?;
                Ok(text.map_or(Scalar::Nothing, Scalar::Text))
            }
            _ => Ok(raw.parse().map_or(Scalar::Nothing, Scalar::Number)),
        }
    }

    /// A text that is not empty.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Scalar::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// What happened, without which an event says nothing.
    pub(super) fn action(&self) -> Result<&str, Fault> {
        match self {
            Scalar::Text(text) => Ok(text),
            _ => Err(Fault::Shape("action: a text was expected")),
        }
    }

    pub(super) fn owned(&self) -> Option<String> {
        self.text().map(|text| cut(text).to_owned())
    }

    pub(super) fn number(&self) -> Option<u64> {
        match self {
            Scalar::Number(number) => Some(*number),
            Scalar::Text(text) => text.parse().ok(),
            Scalar::Nothing => None,
        }
    }

    /// An instant; what is none counts as missing.
    pub(super) fn time(&self) -> Option<Timestamp> {
        self.text().and_then(|text| text.parse().ok())
    }
}

pub(super) fn cut(text: &str) -> &str {
    cut_to(text, TEXT_BYTES_MAX)
}

pub(super) fn cut_to(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}
