//! How a validator reads [`Data`]: where it lies, records and all.

use std::borrow::Cow;

use jsonschema::JsonType;
use jsonschema::json::{Array, Json, Node, NodeIdentity, Object, SerdeJson};
use serde_json::{Map, Number, Value};

use super::Data;

/// [`Data`] as a representation of JSON.
pub struct DataJson;

/// A place in [`Data`].
#[derive(Debug, Clone, Copy)]
pub enum DataNode<'a> {
    /// A value: what is below it is one too.
    Value(&'a Value),
    /// An array of data.
    Elements(&'a [Data]),
    /// An object of data.
    Members(&'a [(&'static str, Data)]),
}

impl<'a> From<&'a Data> for DataNode<'a> {
    fn from(data: &'a Data) -> Self {
        match data {
            Data::Own(value) => Self::Value(value),
            Data::Record(record) => Self::Value(record.value()),
            Data::Elements(elements) => Self::Elements(elements),
            Data::Members(members) => Self::Members(members),
        }
    }
}

impl Json for DataJson {
    type Node<'a> = DataNode<'a>;
    type PreparedKey = <SerdeJson as Json>::PreparedKey;
    type StringBuffer = <SerdeJson as Json>::StringBuffer;

    const KEYS_PER_LOOKUP: usize = SerdeJson::KEYS_PER_LOOKUP;
    const ACYCLIC: bool = true;

    fn prepare_key(key: &str) -> Self::PreparedKey {
        SerdeJson::prepare_key(key)
    }

    fn with_string_node<T>(buffer: &mut Self::StringBuffer, string: &str, f: impl FnOnce(DataNode<'_>) -> T) -> T {
        SerdeJson::with_string_node(buffer, string, |value| f(DataNode::Value(value)))
    }
}

impl<'a> DataNode<'a> {
    fn value(&self) -> Option<&'a Value> {
        match self {
            Self::Value(value) => Some(value),
            Self::Elements(_) | Self::Members(_) => None,
        }
    }
}

impl<'a> Node<'a, DataJson> for DataNode<'a> {
    type Object = DataObject<'a>;
    type Array = DataArray<'a>;
    type Number = &'a Number;

    fn as_object(&self) -> Option<DataObject<'a>> {
        match self {
            Self::Value(value) => value.as_object().map(DataObject::Map),
            Self::Members(members) => Some(DataObject::Members(members)),
            Self::Elements(_) => None,
        }
    }

    fn as_array(&self) -> Option<DataArray<'a>> {
        match self {
            Self::Value(value) => value.as_array().map(DataArray::Values),
            Self::Elements(elements) => Some(DataArray::Elements(elements)),
            Self::Members(_) => None,
        }
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        self.value()?.as_str().map(Cow::Borrowed)
    }

    fn as_number(&self) -> Option<&'a Number> {
        self.value()?.as_number()
    }

    fn as_boolean(&self) -> Option<bool> {
        self.value()?.as_bool()
    }

    fn is_null(&self) -> bool {
        self.value().is_some_and(Value::is_null)
    }

    fn json_type(&self) -> JsonType {
        match self {
            Self::Value(value) => value.json_type(),
            Self::Elements(_) => JsonType::Array,
            Self::Members(_) => JsonType::Object,
        }
    }

    fn string_length(&self) -> Option<u64> {
        self.value()?.string_length()
    }

    fn string_length_within(&self, min: u64, max: u64) -> Option<bool> {
        self.value()?.string_length_within(min, max)
    }

    fn equals_value(&self, expected: &Value) -> bool {
        match self {
            Self::Value(value) => value.equals_value(expected),
            _ => jsonschema::json::cmp::equal(&self.to_value(), expected),
        }
    }

    fn to_value(&self) -> Cow<'a, Value> {
        match self {
            Self::Value(value) => Cow::Borrowed(value),
            Self::Elements(elements) => Cow::Owned(Data::Elements(elements.to_vec()).into_value()),
            Self::Members(members) => Cow::Owned(Data::Members(members.to_vec()).into_value()),
        }
    }

    fn identity(&self) -> Option<NodeIdentity> {
        let address = match self {
            Self::Value(value) => std::ptr::from_ref::<Value>(value).addr(),
            Self::Elements(elements) => elements.as_ptr().addr(),
            Self::Members(members) => members.as_ptr().addr(),
        };
        // The first of an array's elements lies where the array does, and has a tag of its own.
        let tag = match self {
            Self::Value(_) => 0,
            Self::Elements(_) => 1,
            Self::Members(_) => 2,
        };
        Some(NodeIdentity::tagged(address, tag))
    }
}

/// The members of a [`DataNode`].
#[derive(Debug, Clone, Copy)]
pub enum DataObject<'a> {
    /// Those of a value.
    Map(&'a Map<String, Value>),
    /// Those of data.
    Members(&'a [(&'static str, Data)]),
}

impl<'a> Object<'a, DataJson> for DataObject<'a> {
    type Node = DataNode<'a>;
    type MemberName = &'a str;
    type MembersIter = DataMembers<'a>;

    fn len(&self) -> usize {
        match self {
            Self::Map(map) => map.len(),
            Self::Members(members) => members.len(),
        }
    }

    fn get(&self, key: &String) -> Option<DataNode<'a>> {
        match self {
            Self::Map(map) => <&Map<_, _> as Object<'a, SerdeJson>>::get(map, key).map(DataNode::Value),
            Self::Members(members) => {
                let named = members.iter().find(|(name, _)| name == key);
                named.map(|(_, member)| member.into())
            }
        }
    }

    fn members(&self) -> DataMembers<'a> {
        match self {
            Self::Map(map) => DataMembers::Map(map.iter()),
            Self::Members(members) => DataMembers::Members(members.iter()),
        }
    }
}

/// Goes through the members of a [`DataObject`].
#[derive(Debug, Clone)]
pub enum DataMembers<'a> {
    /// Those of a value.
    Map(serde_json::map::Iter<'a>),
    /// Those of data.
    Members(std::slice::Iter<'a, (&'static str, Data)>),
}

impl<'a> Iterator for DataMembers<'a> {
    type Item = (&'a str, DataNode<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Map(map) => map.next().map(|(name, value)| (name.as_str(), DataNode::Value(value))),
            Self::Members(members) => members.next().map(|(name, member)| (*name, member.into())),
        }
    }
}

/// The elements of a [`DataNode`].
#[derive(Debug, Clone, Copy)]
pub enum DataArray<'a> {
    /// Those of a value.
    Values(&'a [Value]),
    /// Those of data.
    Elements(&'a [Data]),
}

impl<'a> Array<'a, DataJson> for DataArray<'a> {
    type Node = DataNode<'a>;
    type ElementsIter = DataElements<'a>;

    fn len(&self) -> usize {
        match self {
            Self::Values(values) => values.len(),
            Self::Elements(elements) => elements.len(),
        }
    }

    fn elements(&self) -> DataElements<'a> {
        match self {
            Self::Values(values) => DataElements::Values(values.iter()),
            Self::Elements(elements) => DataElements::Elements(elements.iter()),
        }
    }
}

/// Goes through the elements of a [`DataArray`].
#[derive(Debug, Clone)]
pub enum DataElements<'a> {
    /// Those of a value.
    Values(std::slice::Iter<'a, Value>),
    /// Those of data.
    Elements(std::slice::Iter<'a, Data>),
}

impl<'a> Iterator for DataElements<'a> {
    type Item = DataNode<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Values(values) => values.next().map(DataNode::Value),
            Self::Elements(elements) => elements.next().map(DataNode::from),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::page;
    use super::*;

    #[test]
    fn validators_see_the_same_in_data_as_in_its_value() {
        let (data, value) = page();
        let item = |schema: Value| json!({"properties": {"items": {"items": schema}}});
        for schema in [
            json!(true),
            json!({"type": "object", "required": ["items", "total", "next"], "minProperties": 3, "maxProperties": 3}),
            json!({"required": ["more"]}),
            json!({"properties": {"items": {"type": "array", "minItems": 2, "maxItems": 2, "uniqueItems": true}}}),
            json!({"properties": {"items": {"maxItems": 1}}}),
            json!({"properties": {"items": {"contains": {"required": ["of"]}}}}),
            json!({"properties": {"total": {"const": 2.0}, "next": {"type": "null"}}}),
            json!({"properties": {"total": {"type": "string"}}}),
            json!({"propertyNames": {"maxLength": 5}}),
            json!({"propertyNames": {"maxLength": 4}}),
            json!({"properties": {"items": true}, "additionalProperties": {"type": ["integer", "null"]}}),
            json!({"properties": {"items": true}, "additionalProperties": false}),
            json!({"properties": {"items": true}, "unevaluatedProperties": false}),
            json!({"enum": [value, 1]}),
            json!({"const": {"items": []}}),
            item(json!({"required": ["id"], "properties": {"id": {"type": "string", "maxLength": 2}}})),
            item(json!({"properties": {"id": {"pattern": "^[a-z]$"}}})),
            item(json!({"properties": {"n": {"type": "integer", "maximum": 1}, "tags": {"maxItems": 0}}})),
            item(json!({"properties": {"of": {"properties": {"n": {"type": "boolean"}}}}})),
            json!({"$ref": "#/$defs/t", "$defs": {"t": {
                "properties": {"items": {"items": {"$ref": "#/$defs/t"}}, "of": {"$ref": "#/$defs/t"}, "n": {"type": ["number", "null"]}}
            }}}),
        ] {
            let faults = |faults: Vec<String>| faults;
            let of_data = jsonschema::options_for::<DataJson>().build(&schema).unwrap();
            let of_value = jsonschema::options().build(&schema).unwrap();
            assert_eq!(of_data.is_valid((&data).into()), of_value.is_valid(&value), "{schema}");
            assert_eq!(
                faults(
                    of_data
                        .iter_errors((&data).into())
                        .map(|fault| fault.to_string())
                        .collect()
                ),
                faults(of_value.iter_errors(&value).map(|fault| fault.to_string()).collect()),
                "{schema}"
            );
        }
    }
}
