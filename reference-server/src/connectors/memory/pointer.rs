//! JSON Pointers, checked when a behaviour is read.

use serde::Deserialize;
use serde_json::Value;

/// A JSON Pointer (RFC 6901): empty for the whole value.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Pointer(String);

impl Pointer {
    /// What it points to.
    pub(super) fn find<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        value.pointer(&self.0)
    }

    /// The member of the outermost object that it goes through; none for the whole value.
    pub(super) fn first_member(&self) -> Option<String> {
        let member = self.0.split('/').nth(1)?;
        Some(member.replace("~1", "/").replace("~0", "~"))
    }
}

impl TryFrom<String> for Pointer {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let escapes_are_whole = text
            .split('~')
            .skip(1)
            .all(|rest| rest.starts_with('0') || rest.starts_with('1'));
        if (text.is_empty() || text.starts_with('/')) && escapes_are_whole {
            Ok(Self(text))
        } else {
            Err(format!("{text:?} is no JSON Pointer"))
        }
    }
}
