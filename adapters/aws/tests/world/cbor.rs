//! CBOR as JSON and back. A time, which CBOR tags, is written `{"at": seconds}` in JSON.

use ciborium::Value as Cbor;
use serde_json::{Map, Number, Value, json};

/// The tag of seconds since 1970 (RFC 8949, 3.4.2).
const TIME: u64 = 1;

pub fn read(bytes: &[u8]) -> Value {
    told(ciborium::from_reader(bytes).unwrap())
}

pub fn written(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(&said(value), &mut bytes).unwrap();
    bytes
}

fn told(value: Cbor) -> Value {
    match value {
        Cbor::Null => Value::Null,
        Cbor::Bool(it) => it.into(),
        Cbor::Integer(it) => i64::try_from(it).unwrap().into(),
        Cbor::Float(it) => it.into(),
        Cbor::Text(it) => it.into(),
        Cbor::Array(list) => list.into_iter().map(told).collect(),
        Cbor::Map(members) => {
            let member = |(key, value): (Cbor, Cbor)| (key.into_text().unwrap(), told(value));
            Value::Object(members.into_iter().map(member).collect::<Map<_, _>>())
        }
        Cbor::Tag(TIME, secs) => json!({ "at": told(*secs) }),
        other => panic!("{other:?}"),
    }
}

fn said(value: &Value) -> Cbor {
    match value {
        Value::Null => Cbor::Null,
        Value::Bool(it) => Cbor::Bool(*it),
        Value::Number(it) => number(it),
        Value::String(it) => Cbor::Text(it.clone()),
        Value::Array(list) => Cbor::Array(list.iter().map(said).collect()),
        Value::Object(members) => match members.get("at") {
            Some(secs) => Cbor::Tag(TIME, Box::new(Cbor::Float(secs.as_f64().unwrap()))),
            None => {
                let member = |(key, value): (&String, &Value)| (key.clone().into(), said(value));
                Cbor::Map(members.iter().map(member).collect())
            }
        },
    }
}

fn number(it: &Number) -> Cbor {
    match it.as_i64() {
        Some(whole) => Cbor::Integer(whole.into()),
        None => Cbor::Float(it.as_f64().unwrap()),
    }
}
