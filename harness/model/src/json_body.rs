//! A body read as JSON with the facts that a plain parser drops: duplicate member names, and why it is not JSON.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

/// A JSON body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JsonBody {
    /// The value; of duplicate members the last one.
    pub value: Value,
    /// JSON Pointers (RFC 6901) of members that stand more than once in their object.
    pub duplicate_keys: Vec<String>,
}

/// Why a body is not JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyFault {
    /// There is none.
    #[error("the body is empty")]
    Empty,
    /// It is no UTF-8 (RFC 8259 §8.1).
    #[error("the body is not UTF-8 from byte {0} on")]
    NotUtf8(usize),
    /// It is no JSON text.
    #[error("the body is not JSON: {0}")]
    NotJson(String),
}

impl JsonBody {
    /// Reads one JSON text.
    ///
    /// # Errors
    /// What keeps the bytes from being one. Nesting beyond 128 levels counts as not JSON.
    pub fn parse(bytes: &[u8]) -> Result<Self, BodyFault> {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(BodyFault::Empty);
        }
        let text = std::str::from_utf8(bytes).map_err(|fault| BodyFault::NotUtf8(fault.valid_up_to()))?;
        let mut duplicate_keys = Vec::new();
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let seed = Watched {
            place: &Place::Root,
            duplicate_keys: &mut duplicate_keys,
        };
        let not_json = |fault: serde_json::Error| BodyFault::NotJson(fault.to_string());
        let value = seed.deserialize(&mut deserializer).map_err(not_json)?;
        deserializer.end().map_err(not_json)?;
        Ok(Self { value, duplicate_keys })
    }
}

/// A place in a body. Its pointer is written out only where it is told: hardly any body has a duplicate member.
enum Place<'p> {
    Root,
    Item(&'p Place<'p>, usize),
    Member(&'p Place<'p>, &'p str),
}

impl Place<'_> {
    fn write(&self, pointer: &mut String) {
        match self {
            Place::Root => {}
            Place::Item(of, at) => {
                of.write(pointer);
                pointer.push('/');
                pointer.push_str(&at.to_string());
            }
            Place::Member(of, name) => {
                of.write(pointer);
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
            }
        }
    }

    fn pointer(&self) -> String {
        let mut pointer = String::new();
        self.write(&mut pointer);
        pointer
    }
}

/// Builds a `Value` while noting duplicate members.
struct Watched<'a> {
    place: &'a Place<'a>,
    duplicate_keys: &'a mut Vec<String>,
}

impl<'de> DeserializeSeed<'de> for Watched<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Watched<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("a number that is not finite"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(Watched {
            place: &Place::Item(self.place, array.len()),
            duplicate_keys: self.duplicate_keys,
        })? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(Watched {
                place: &Place::Member(self.place, &name),
                duplicate_keys: self.duplicate_keys,
            })?;
            match object.entry(name) {
                Entry::Vacant(place) => {
                    place.insert(value);
                }
                Entry::Occupied(mut member) => {
                    let place = Place::Member(self.place, member.key());
                    self.duplicate_keys.push(place.pointer());
                    member.insert(value);
                }
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicate_members_are_named_by_pointer() {
        let body = JsonBody::parse(br#"{"a":{"x/y":1,"x/y":2},"b":[{"c":1,"c":1}]}"#).unwrap();
        assert_eq!(body.duplicate_keys, ["/a/x~1y", "/b/0/c"]);
        assert_eq!(body.value["a"]["x/y"], 2);
    }

    #[test]
    fn a_sound_body_equals_what_serde_reads() {
        let text = r#"{"z":[1,-2,1.5,true,null,"é😀"],"a":{"z":1,"a":18446744073709551615}}"#;
        let body = JsonBody::parse(text.as_bytes()).unwrap();
        assert_eq!(body.value, serde_json::from_str::<Value>(text).unwrap());
        assert!(body.duplicate_keys.is_empty());
    }

    #[test]
    fn what_is_not_json_says_why() {
        assert_eq!(JsonBody::parse(b" \n"), Err(BodyFault::Empty));
        assert_eq!(JsonBody::parse(b"\"a\xff\""), Err(BodyFault::NotUtf8(2)));
        assert!(matches!(JsonBody::parse(b"<html>"), Err(BodyFault::NotJson(_))));
        assert!(matches!(JsonBody::parse(b"{} {}"), Err(BodyFault::NotJson(_))));
    }
}
