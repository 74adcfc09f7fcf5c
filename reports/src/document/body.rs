//! Bodies as reports show them: JSON where it is JSON, else text, cut where it is long.

use hubproof_model::call;
use hubproof_model::exchange::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The most bytes of a body that a report holds.
pub(crate) const SHOWN_BYTES: usize = 8 * 1024;

/// The most levels of a JSON value: readers of JSON bound them, `serde_json` to 128 with those of the report around it.
const LEVELS: usize = 100;

/// A body, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub enum Body {
    /// A JSON value.
    Json(Value),
    /// Text: what is not JSON, says a member twice, or is long or deep. Bytes that are no UTF-8 are replaced.
    Text {
        /// As much of it as is shown.
        text: String,
        /// Bytes of the whole body, as far as it was read.
        size: u64,
        /// Whether `text` is less than the body.
        truncated: bool,
    },
}

impl Body {
    /// A request's body as it was planned: with key placeholders. None where it is empty.
    pub(crate) fn of_request(body: &call::Body) -> Option<Self> {
        Some(match body {
            call::Body::Empty => return None,
            call::Body::Json(value) => Self::of_json(value),
            call::Body::Text(template) => text(template.0.as_bytes(), template.0.len(), false),
            call::Body::Bytes(bytes) => text(bytes, bytes.len(), false),
            call::Body::Repeat {
                head,
                unit,
                times,
                tail,
            } => {
                let size = head.len() + unit.len().saturating_mul(*times) + tail.len();
                // No more of it than is shown, and one byte to tell that there is more.
                let enough = (SHOWN_BYTES + 1).div_ceil(unit.len().max(1)).min(*times);
                let begin = [head, &unit.repeat(enough), tail].map(String::as_bytes).concat();
                text(&begin, size, false)
            }
        })
    }

    /// An answer's body; none where it is empty. One that says a member twice stands as text: a JSON value would hide it.
    pub(crate) fn of_response(response: &Response) -> Option<Self> {
        match &response.json {
            _ if response.body.is_empty() && !response.truncated => None,
            Ok(body)
                if body.duplicate_keys.is_empty()
                    && response.body.len() <= SHOWN_BYTES
                    && !response.truncated
                    && has_levels(&body.value, LEVELS) =>
            {
                Some(Self::Json(body.value.clone()))
            }
            _ => Some(text(&response.body, response.body.len(), response.truncated)),
        }
    }

    /// A JSON value, as text where it is long or deep.
    pub(crate) fn of_json(value: &Value) -> Self {
        let written = value.to_string();
        if written.len() <= SHOWN_BYTES && has_levels(value, LEVELS) {
            Self::Json(value.clone())
        } else {
            text(written.as_bytes(), written.len(), false)
        }
    }

    /// The body on a line, and whether there is more of it.
    pub(crate) fn line(&self) -> (String, bool) {
        match self {
            Self::Json(value) => (value.to_string(), false),
            Self::Text { text, truncated, .. } => (text.clone(), *truncated),
        }
    }
}

fn text(bytes: &[u8], size: usize, truncated: bool) -> Body {
    let cut = bytes.len().min(SHOWN_BYTES);
    // Not in the middle of a character: the bytes that continue one go with it.
    let cut = (cut.saturating_sub(3)..=cut)
        .rev()
        .find(|&at| starts_character(bytes, at))
        .unwrap_or(cut);
    Body::Text {
        text: String::from_utf8_lossy(&bytes[..cut]).into_owned(),
        size: size as u64,
        truncated: truncated || cut < size,
    }
}

/// Whether a value has no more levels than so many.
fn has_levels(value: &Value, most: usize) -> bool {
    let inner = |value: &Value| most.checked_sub(1).is_some_and(|most| has_levels(value, most));
    match value {
        Value::Array(items) => items.iter().all(inner),
        Value::Object(members) => members.values().all(inner),
        _ => true,
    }
}

fn starts_character(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_none_or(|byte| byte & 0b1100_0000 != 0b1000_0000)
}

/// The members of a body: that of JSON, or those of a text.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    json: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
}

/// A value that is there, though it may be null.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl From<Body> for Written {
    fn from(body: Body) -> Self {
        match body {
            Body::Json(value) => Self {
                json: Some(value),
                ..Self::default()
            },
            Body::Text { text, size, truncated } => Self {
                text: Some(text),
                size: Some(size),
                truncated,
                ..Self::default()
            },
        }
    }
}

impl TryFrom<Written> for Body {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, &'static str> {
        match written {
            Written {
                json: Some(value),
                text: None,
                size: None,
                truncated: false,
            } => Ok(Self::Json(value)),
            Written {
                json: None,
                text: Some(text),
                size: Some(size),
                truncated,
            } => Ok(Self::Text { text, size, truncated }),
            _ => Err("a body has either `json`, or `text` and `size`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &[u8]) -> Option<Body> {
        Body::of_response(&Response::new(200, Vec::new(), body.to_vec()))
    }

    #[test]
    fn json_stands_inline_unless_it_would_hide_something() {
        assert_eq!(answer(br#"{"a":1}"#), Some(Body::Json(serde_json::json!({"a": 1}))));
        assert!(matches!(answer(br#"{"a":1,"a":2}"#), Some(Body::Text { text, .. }) if text == r#"{"a":1,"a":2}"#));
        assert_eq!(answer(b""), None);
    }

    #[test]
    fn long_bodies_are_cut_between_characters() {
        let long = format!("x{}", "é".repeat(SHOWN_BYTES));
        let Some(Body::Text { text, size, truncated }) = answer(long.as_bytes()) else {
            panic!("text")
        };
        assert!(truncated && text.len() <= SHOWN_BYTES && !text.contains('\u{fffd}'));
        assert_eq!(size, long.len() as u64);
        assert!(matches!(answer(b"\xff<"), Some(Body::Text { text, truncated: false, .. }) if text == "\u{fffd}<"));
    }

    #[test]
    fn repeated_bodies_are_not_written_out() {
        let (head, unit, tail) = ("[".to_owned(), "1,".to_owned(), "1]".to_owned());
        let short = call::Body::Repeat {
            head: head.clone(),
            unit: unit.clone(),
            times: 2,
            tail: tail.clone(),
        };
        assert!(
            matches!(Body::of_request(&short), Some(Body::Text { text, truncated: false, .. }) if text == "[1,1,1]")
        );
        let endless = call::Body::Repeat {
            head,
            unit,
            times: usize::MAX / 4,
            tail,
        };
        assert!(
            matches!(Body::of_request(&endless), Some(Body::Text { text, truncated: true, .. }) if text.len() <= SHOWN_BYTES)
        );
    }

    #[test]
    fn what_a_reader_of_the_report_would_refuse_stands_as_text() {
        let nested = |levels| {
            let text = format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
            Response::new(200, Vec::new(), text.into_bytes())
        };
        assert!(matches!(Body::of_response(&nested(LEVELS)), Some(Body::Json(_))));
        let deep = nested(LEVELS + 1);
        let text = Body::of_response(&deep).unwrap();
        assert!(matches!(&text, Body::Text { truncated: false, .. }));
        assert_eq!(Body::of_json(deep.json().unwrap()), text);
    }

    #[test]
    fn a_body_is_either_json_or_text() {
        let read = |text: &str| serde_json::from_str::<Option<Body>>(text);
        assert_eq!(read("null").unwrap(), None);
        assert_eq!(read(r#"{"json":null}"#).unwrap(), Some(Body::Json(Value::Null)));
        for text in [
            "{}",
            r#"{"json":1,"text":""}"#,
            r#"{"text":""}"#,
            r#"{"size":0}"#,
            r#"{"jsn":1}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
