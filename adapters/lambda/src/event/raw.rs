//! The members of an event that matter, whatever its kind.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::loose::Loose;
use super::sent::Headers;

/// An event as it stands, or the wrapped request in a queued message.
#[derive(Debug, Default)]
pub(super) struct Raw {
    pub(super) method: Option<String>,
    pub(super) headers: Option<Headers>,
    pub(super) multi_headers: Option<Headers>,
    pub(super) body: Option<String>,
    pub(super) is_base64: bool,
    pub(super) is_of_load_balancer: bool,
    pub(super) records: Option<Vec<Record>>,
}

/// One record of a batch.
#[derive(Debug, Default)]
pub(super) struct Record {
    pub(super) id: String,
    pub(super) body: String,
    pub(super) attributes: Headers,
    pub(super) is_of_sqs: bool,
}

/// An object that is read member by member; anything else counts as an empty one.
pub(super) trait Members: Default {
    /// Reads one member.
    fn member<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error>;
}

/// A value that is an object or counts as an empty one; whether it was one.
pub(super) struct Object<T> {
    pub(super) value: T,
    pub(super) is_one: bool,
}

impl Members for Raw {
    fn member<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "httpMethod" => self.method = map.next_value::<Loose>()?.text(),
            "headers" => self.headers = object(map)?,
            "multiValueHeaders" => self.multi_headers = object(map)?,
            "body" => self.body = map.next_value::<Loose>()?.text(),
            "isBase64Encoded" => self.is_base64 = map.next_value::<Loose>()?.is_true(),
            "requestContext" => {
                let context: Context = map.next_value::<Object<_>>()?.value;
                self.is_of_load_balancer = context.is_of_load_balancer;
                self.method = context.method.or(self.method.take());
            }
            "Records" => self.records = map.next_value::<List<Record>>()?.0,
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// `requestContext`.
#[derive(Default)]
struct Context {
    method: Option<String>,
    is_of_load_balancer: bool,
}

impl Members for Context {
    fn member<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "http" => self.method = map.next_value::<Object<Method>>()?.value.0,
            "elb" => self.is_of_load_balancer = map.next_value::<Object<Nothing>>()?.is_one,
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// `requestContext.http`.
#[derive(Default)]
struct Method(Option<String>);

impl Members for Method {
    fn member<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "method" => self.0 = map.next_value::<Loose>()?.text(),
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// An object of which only matters that it is there.
#[derive(Default)]
struct Nothing;

impl Members for Nothing {
    fn member<'de, A: MapAccess<'de>>(&mut self, _: &str, map: &mut A) -> Result<(), A::Error> {
        skip(map)
    }
}

impl Members for Record {
    fn member<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "messageId" => self.id = map.next_value::<Loose>()?.text().unwrap_or_default(),
            "body" => self.body = map.next_value::<Loose>()?.text().unwrap_or_default(),
            "eventSource" => {
                self.is_of_sqs = map.next_value::<Loose>()?.text().as_deref() == Some("aws:sqs");
            }
            "messageAttributes" => {
                let attributes: Attributes = map.next_value::<Object<_>>()?.value;
                self.attributes = attributes.0;
            }
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl Members for Headers {
    fn member<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match self.slot(name) {
            Some(slot) => *slot = map.next_value::<Loose>()?.text(),
            None => skip(map)?,
        }
        Ok(())
    }
}

/// `messageAttributes`: headers, each with its value in an object.
#[derive(Default)]
struct Attributes(Headers);

impl Members for Attributes {
    fn member<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match self.0.slot(name) {
            Some(slot) => *slot = map.next_value::<Object<Attribute>>()?.value.0,
            None => skip(map)?,
        }
        Ok(())
    }
}

#[derive(Default)]
struct Attribute(Option<String>);

impl Members for Attribute {
    fn member<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "stringValue" => self.0 = map.next_value::<Loose>()?.text(),
            _ => skip(map)?,
        }
        Ok(())
    }
}

fn skip<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(), A::Error> {
    map.next_value::<IgnoredAny>().map(|_| ())
}

fn object<'de, T: Members, A: MapAccess<'de>>(map: &mut A) -> Result<Option<T>, A::Error> {
    let object = map.next_value::<Object<T>>()?;
    Ok(object.is_one.then_some(object.value))
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Object::deserialize(deserializer).map(|object| object.value)
    }
}

impl<'de, T: Members> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader(PhantomData))
    }
}

struct Reader<T>(PhantomData<T>);

/// Everything but an object counts as an empty one.
macro_rules! empty_for {
    ($($visit:ident: $type:ty),+) => {
        $(fn $visit<E>(self, _: $type) -> Result<Self::Value, E> {
            Ok(Object { value: T::default(), is_one: false })
        })+
    };
}

impl<'de, T: Members> Visitor<'de> for Reader<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    empty_for!(visit_str: &str, visit_bool: bool, visit_u64: u64, visit_i64: i64, visit_f64: f64);

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Object { value: T::default(), is_one: false })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Object { value: T::default(), is_one: false })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut value = T::default();
        while let Some(Name(name)) = map.next_key()? {
            value.member(&name, &mut map)?;
        }
        Ok(Object { value, is_one: true })
    }
}

/// A member's name, borrowed from the event where nothing in it is escaped.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// The objects of a list; nothing where something else stands.
struct List<T>(Option<Vec<T>>);

impl<'de, T: Members> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListReader(PhantomData))
    }
}

struct ListReader<T>(PhantomData<T>);

/// Everything but a list is none.
macro_rules! none_for {
    ($($visit:ident: $type:ty),+) => {
        $(fn $visit<E>(self, _: $type) -> Result<Self::Value, E> {
            Ok(List(None))
        })+
    };
}

impl<'de, T: Members> Visitor<'de> for ListReader<T> {
    type Value = List<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    none_for!(visit_str: &str, visit_bool: bool, visit_u64: u64, visit_i64: i64, visit_f64: f64);

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(List(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element::<Object<T>>()? {
            items.push(item.value);
        }
        Ok(List(Some(items)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(List(None))
    }
}
