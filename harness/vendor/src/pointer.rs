//! JSON Pointers that can also be written through.

use serde::Deserialize;
use serde_json::{Map, Value};

/// A JSON Pointer (RFC 6901), its escapes undone: empty for the whole value.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Pointer(Vec<String>);

impl Pointer {
    /// What it points to.
    pub(crate) fn find<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(value, |value, token| match value {
            Value::Object(members) => members.get(token),
            Value::Array(elements) => elements.get(token.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// Puts a value there; what is on the way and no object becomes one.
    pub(crate) fn set(&self, value: &mut Value, new: Value) {
        let place = self.0.iter().fold(value, |value, token| {
            if !value.is_object() {
                *value = Value::Object(Map::new());
            }
            &mut value[token.as_str()]
        });
        *place = new;
    }
}

impl TryFrom<String> for Pointer {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.is_empty() || text.starts_with('/') {
            let tokens = text.split('/').skip(1);
            Ok(Self(
                tokens
                    .map(|token| token.replace("~1", "/").replace("~0", "~"))
                    .collect(),
            ))
        } else {
            Err(format!("`{text}` is no JSON Pointer: it begins with `/`, or is empty"))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_set_is_found() {
        let mut value = json!({"fields": {"a/b": 1}, "flat": true});
        for (text, new) in [
            ("/fields/a~1b", json!(2)),
            ("/flat/deep", json!([3])),
            ("/new/one", json!("x")),
        ] {
            let pointer = Pointer::try_from(text.to_owned()).unwrap();
            pointer.set(&mut value, new.clone());
            assert_eq!(pointer.find(&value), Some(&new), "{text}");
        }
        assert_eq!(
            value,
            json!({"fields": {"a/b": 2}, "flat": {"deep": [3]}, "new": {"one": "x"}})
        );
        assert!(Pointer::try_from("fields".to_owned()).is_err());
    }
}
