//! JSON Pointers, checked when a behaviour is read.

use serde::Deserialize;
use serde_json::Value;

/// A JSON Pointer (RFC 6901), its escapes undone: empty for the whole value.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Pointer(Vec<String>);

impl Pointer {
    /// What it points to.
    pub(super) fn find<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(value, |value, token| match value {
            Value::Object(members) => members.get(token),
            Value::Array(elements) => elements.get(index(token)?),
            _ => None,
        })
    }

    /// The member of the outermost object that it goes through; none for the whole value.
    pub(super) fn first_member(&self) -> Option<&str> {
        self.0.first().map(String::as_str)
    }
}

/// The index of an array's element: digits alone, and no zero before others (RFC 6901 §4).
fn index(token: &str) -> Option<usize> {
    let is_index = token.bytes().all(|byte| byte.is_ascii_digit()) && (token.len() == 1 || !token.starts_with('0'));
    is_index.then(|| token.parse().ok()).flatten()
}

impl TryFrom<String> for Pointer {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let escapes_are_whole = text
            .split('~')
            .skip(1)
            .all(|rest| rest.starts_with('0') || rest.starts_with('1'));
        if (text.is_empty() || text.starts_with('/')) && escapes_are_whole {
            let tokens = text.split('/').skip(1);
            Ok(Self(
                tokens
                    .map(|token| token.replace("~1", "/").replace("~0", "~"))
                    .collect(),
            ))
        } else {
            Err(format!("{text:?} is no JSON Pointer"))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pointers_find_what_the_rfc_says() {
        let value = json!({"a/b": {"m~n": [10, 20]}, "": 1, "list": ["x"]});
        for text in [
            "",
            "/",
            "/a~1b",
            "/a~1b/m~0n/1",
            "/list/0",
            "/list/00",
            "/list/+0",
            "/list/-",
            "/list/1",
            "/a~1b/x",
            "/list/",
        ] {
            let pointer = Pointer::try_from(text.to_owned()).unwrap();
            assert_eq!(pointer.find(&value), value.pointer(text), "{text}");
        }
        assert!(Pointer::try_from("a".to_owned()).is_err() && Pointer::try_from("/~2".to_owned()).is_err());
    }
}
