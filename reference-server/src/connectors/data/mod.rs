//! What a vendor gives: JSON that shares its records with whoever holds them, so that a page of a list costs no copy of what is on it.

use std::sync::{Arc, OnceLock};

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

mod representation;

pub use self::representation::{DataArray, DataElements, DataJson, DataMembers, DataNode, DataObject};

/// JSON, of which records may be shared.
#[derive(Debug, Clone)]
pub enum Data {
    /// A value of its own.
    Own(Value),
    /// A record, as an account holds it.
    Record(Arc<Record>),
    /// An array.
    Elements(Vec<Data>),
    /// An object, its members in their order; each name stands once.
    Members(Vec<(&'static str, Data)>),
}

impl Data {
    /// The value, with copies of the records that are shared.
    #[must_use]
    pub fn into_value(self) -> Value {
        match self {
            Self::Own(value) => value,
            Self::Record(record) => Arc::unwrap_or_clone(record).value,
            Self::Elements(elements) => elements.into_iter().map(Self::into_value).collect(),
            Self::Members(members) => Value::Object(Map::from_iter(
                members
                    .into_iter()
                    .map(|(name, member)| (name.to_owned(), member.into_value())),
            )),
        }
    }
}

impl From<Value> for Data {
    fn from(value: Value) -> Self {
        Self::Own(value)
    }
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Own(value) => value.serialize(serializer),
            Self::Record(record) => record.serialize(serializer),
            Self::Elements(elements) => {
                let mut sequence = serializer.serialize_seq(Some(elements.len()))?;
                for element in elements {
                    sequence.serialize_element(element)?;
                }
                sequence.end()
            }
            Self::Members(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, member) in members {
                    map.serialize_entry(name, member)?;
                }
                map.end()
            }
        }
    }
}

/// A record that does not change: whoever changes one puts another in its place. Written out at most once, however often it is sent.
#[derive(Debug)]
pub struct Record {
    value: Value,
    written: OnceLock<Option<Box<RawValue>>>,
}

impl Record {
    /// A record of this value.
    #[must_use]
    pub fn new(value: Value) -> Self {
        Self {
            value,
            written: OnceLock::new(),
        }
    }

    /// What it holds.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }
}

impl Clone for Record {
    fn clone(&self) -> Self {
        Self::new(self.value.clone())
    }
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = self
            .written
            .get_or_init(|| serde_json::value::to_raw_value(&self.value).ok());
        match written {
            Some(written) => written.serialize(serializer),
            None => self.value.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(value: Value) -> Data {
        Data::Record(Arc::new(Record::new(value)))
    }

    /// A page as a list gives it, and the same as a value of its own.
    pub(super) fn page() -> (Data, Value) {
        let (first, second) = (
            json!({"id": "a", "n": 1.0, "tags": []}),
            json!({"id": "b\n", "of": {"n": null}}),
        );
        let data = Data::Members(vec![
            (
                "items",
                Data::Elements(vec![record(first.clone()), record(second.clone())]),
            ),
            ("total", json!(2).into()),
            ("next", Value::Null.into()),
        ]);
        (data, json!({"items": [first, second], "total": 2, "next": null}))
    }

    #[test]
    fn shared_records_are_written_like_values() {
        let (data, value) = page();
        for _ in 0..2 {
            assert_eq!(serde_json::to_string(&data).unwrap(), value.to_string());
        }
        assert_eq!(data.clone().into_value(), value);
        assert_eq!(Data::from(value.clone()).into_value(), value);
    }

    #[test]
    fn an_array_is_an_array_however_it_is_held() {
        assert_eq!(serde_json::to_string(&Data::Elements(Vec::new())).unwrap(), "[]");
        assert_eq!(Data::Members(Vec::new()).into_value(), json!({}));
    }
}
