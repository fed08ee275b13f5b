//! JSON as it was written: one level at a time, numbers by their text, repeated members kept.
//!
//! `serde_json::Value` would hide what lint looks for: it takes the last of two equal members
//! silently and refuses `1e400`. Depth costs nothing, because a level is read only when opened.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// One value, unread.
pub(super) type Raw<'a> = &'a RawValue;

/// One value, read one level deep.
#[derive(Debug)]
pub(super) enum Json<'a> {
    /// `null`, `true`, `false`, or a text or object of broken escapes.
    Other,
    /// As a double; infinite where it overflows.
    Number(f64),
    Text(String),
    Array(Vec<Raw<'a>>),
    Object(Object<'a>),
}

/// Members by name; of repeated ones the last, as most readers take it.
#[derive(Debug, Default)]
pub(super) struct Object<'a> {
    pub(super) members: BTreeMap<String, Raw<'a>>,
    pub(super) repeated: Vec<String>,
}

impl<'a> Object<'a> {
    pub(super) fn get(&self, name: &str) -> Option<Raw<'a>> {
        self.members.get(name).copied()
    }
}

/// Reads one level.
pub(super) fn open(raw: Raw<'_>) -> Json<'_> {
    let text = raw.get();
    let opened = match text.as_bytes().first() {
        Some(b'{') => serde_json::from_str(text).map(Json::Object),
        Some(b'[') => serde_json::from_str(text).map(Json::Array),
        Some(b'"') => serde_json::from_str(text).map(Json::Text),
        _ => Ok(text.parse().map_or(Json::Other, Json::Number)),
    };
    opened.unwrap_or(Json::Other)
}

/// The first value of `text`, and what follows it.
pub(super) fn first(text: &str) -> Result<(Raw<'_>, &str), serde_json::Error> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    match values.next() {
        Some(value) => Ok((value?, text[values.byte_offset()..].trim())),
        None => serde_json::from_str::<&RawValue>(text).map(|value| (value, "")),
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
        let mut object = Object::default();
        while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
            if object.members.insert(name.clone(), value).is_some() {
                object.repeated.push(name);
            }
        }
        Ok(object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_repetitions_survive() {
        let (raw, rest) = first(r#" {"a":1,"b":[1e400,-2],"a":"x"} {"#).unwrap();
        assert_eq!(rest, "{");
        let Json::Object(object) = open(raw) else { panic!("{raw:?}") };
        assert_eq!((object.get("a").unwrap().get(), object.repeated), ("\"x\"", vec!["a".into()]));
        let Json::Array(items) = open(object.members["b"]) else { panic!() };
        let numbers: Vec<f64> = items.into_iter().filter_map(number).collect();
        assert_eq!(numbers, [f64::INFINITY, -2.0]);
    }

    fn number(raw: Raw<'_>) -> Option<f64> {
        let Json::Number(number) = open(raw) else { return None };
        Some(number)
    }

    #[test]
    fn depth_costs_nothing_and_broken_escapes_are_no_text() {
        let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
        assert!(matches!(open(first(&deep).unwrap().0), Json::Array(items) if items.len() == 1));
        assert!(matches!(open(first(r#""\ud800""#).unwrap().0), Json::Other));
        for bad in ["", "  ", "{", "nul", "{\"a\":NaN}", "[1,]"] {
            assert!(first(bad).is_err(), "{bad:?}");
        }
    }
}
