//! How an executed write shows: what a profile says of it, or what the tools' names and schemas tell.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Stands in a read's input for the marker of the write that is looked for.
pub const MARKER: &str = "<marker>";
/// Stands in a read's or an undo's input for the id of the record that was made.
pub const ID: &str = "<id>";

/// How the effect of a state-changing tool can be seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Each execution makes a record, which a read tool shows.
    Creates(Creates),
    /// Each execution changes or removes one record, which another tool makes first: so nothing that others own is touched.
    Changes(Changes),
    /// An execution changes what a read tool answers. It proves something only where nobody else uses the hub meanwhile.
    Fingerprint(Read),
}

impl Effect {
    /// The read tool that shows the effect.
    pub fn read(&self) -> &Read {
        match self {
            Effect::Creates(creates) => &creates.read,
            Effect::Changes(changes) => &changes.read,
            Effect::Fingerprint(read) => read,
        }
    }

    /// The same, to be changed.
    pub fn read_mut(&mut self) -> &mut Read {
        match self {
            Effect::Creates(creates) => &mut creates.read,
            Effect::Changes(changes) => &mut changes.read,
            Effect::Fingerprint(read) => read,
        }
    }
}

/// A tool that makes records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Creates {
    /// JSON Pointer into its input: the text that takes the marker.
    pub marker: String,
    /// What shows the records that hold the marker.
    pub read: Read,
    /// JSON Pointer into the data of its success: the record's id.
    pub id: Option<String>,
    /// How a record is removed again.
    pub undo: Option<Undo>,
}

/// A tool that changes or removes a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    /// The tool that makes the record.
    pub object: String,
    /// JSON Pointer into the input: where the record's id stands.
    pub id_at: String,
    /// What shows the record.
    pub read: Read,
}

/// A call of a read tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Read {
    /// Its key.
    pub tool: String,
    /// Its input, in which [`MARKER`] and [`ID`] stand for what is known when it is sent.
    pub input: Value,
    /// How to read on where not everything fits into one answer.
    pub pages: Option<Pages>,
}

/// How a read tool gives its further pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pages {
    /// The input says how many records come before the page.
    Offset {
        /// JSON Pointer into the input.
        at: String,
    },
    /// The input takes what the page before gave.
    Cursor {
        /// JSON Pointer into the input.
        at: String,
        /// JSON Pointer into the data: the cursor of the next page.
        next: String,
    },
}

/// A call that removes what a tool made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Undo {
    /// The tool's key.
    pub tool: String,
    /// Its input, in which [`ID`] stands for the record's id.
    pub input: Value,
    /// Whether the profile names it: then the user vouches for it, whatever its risk.
    pub pinned: bool,
}

/// A value with each text that is, or holds, the placeholder put right. A text that is nothing but the placeholder becomes the value
/// itself, of whatever type.
pub fn fill(template: &Value, placeholder: &str, value: &Value) -> Value {
    match template {
        Value::String(text) if text == placeholder => value.clone(),
        Value::String(text) if text.contains(placeholder) => {
            let plain = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            Value::String(text.replace(placeholder, &plain))
        }
        Value::Array(items) => items.iter().map(|item| fill(item, placeholder, value)).collect(),
        Value::Object(members) => {
            let filled = members
                .iter()
                .map(|(name, member)| (name.clone(), fill(member, placeholder, value)));
            Value::Object(filled.collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_placeholder_becomes_the_value_whole_or_in_a_text() {
        let template = json!({"id": "<id>", "path": ["/a/<id>"], "n": 1});
        assert_eq!(
            fill(&template, ID, &json!(7)),
            json!({"id": 7, "path": ["/a/7"], "n": 1})
        );
        assert_eq!(
            fill(&template, ID, &json!("x")),
            json!({"id": "x", "path": ["/a/x"], "n": 1})
        );
    }
}
