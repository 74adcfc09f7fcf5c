//! Which records a request asks for, and in which order: what the vendors' query languages come down to.

use serde::Deserialize;
use serde_json::Value;

use crate::pointer::Pointer;
use crate::times::TimeFormat;

mod encoded;
mod jql;

/// A vendor's way to ask for records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Language {
    /// ServiceNow's encoded queries: `state=2^priorityIN1,2^ORDERBYDESCsys_updated_on`.
    Encoded,
    /// Jira's JQL: `project = INC AND priority in ("High") ORDER BY updated DESC`.
    Jql,
}

/// Conditions that all hold, and an order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Query {
    pub(crate) conditions: Vec<Condition>,
    pub(crate) order: Option<Order>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    /// How a field compares with a value.
    Compares(String, Comparison, String),
    /// A field is one of these.
    AnyOf(String, Vec<String>),
    /// All these words stand somewhere in the record.
    Mentions(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Differs,
    AtLeast,
    AtMost,
    Above,
    Below,
    Contains,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) field: String,
    pub(crate) descending: bool,
}

/// What a query's fields stand for.
pub(crate) struct Fields<'a> {
    pub(crate) named: &'a [(String, Pointer)],
    pub(crate) times: &'a TimeFormat,
}

impl Query {
    pub(crate) fn read(language: Language, text: &str) -> Result<Self, String> {
        match language {
            Language::Encoded => encoded::read(text),
            Language::Jql => jql::read(text),
        }
    }

    pub(crate) fn admits(&self, record: &Value, fields: &Fields<'_>) -> bool {
        self.conditions.iter().all(|condition| condition.holds(record, fields))
    }
}

impl Condition {
    fn holds(&self, record: &Value, fields: &Fields<'_>) -> bool {
        match self {
            Self::Compares(field, comparison, value) => {
                let own = fields.text(record, field);
                comparison.holds(&own, value, fields.times)
            }
            Self::AnyOf(field, values) => {
                let own = fields.text(record, field);
                values
                    .iter()
                    .any(|value| Comparison::Equal.holds(&own, value, fields.times))
            }
            Self::Mentions(words) => words
                .split_whitespace()
                .all(|word| mentions(record, &word.to_lowercase())),
        }
    }
}

impl Comparison {
    fn holds(self, own: &str, other: &str, times: &TimeFormat) -> bool {
        use std::cmp::Ordering;
        let ordering = || order(own, other, times);
        match self {
            Self::Equal => ordering() == Ordering::Equal,
            Self::Differs => ordering() != Ordering::Equal,
            Self::Contains => own.to_lowercase().contains(&other.to_lowercase()),
            // What a record does not have is neither above nor below anything.
            _ if own.is_empty() => false,
            Self::AtLeast => ordering().is_ge(),
            Self::AtMost => ordering().is_le(),
            Self::Above => ordering().is_gt(),
            Self::Below => ordering().is_lt(),
        }
    }
}

/// How two values compare: as times or numbers where both are, else as texts.
pub(crate) fn order(own: &str, other: &str, times: &TimeFormat) -> std::cmp::Ordering {
    if let (Some(own), Some(other)) = (times.parse(own), times.parse(other)) {
        return own.cmp(&other);
    }
    match (own.parse::<f64>(), other.parse::<f64>()) {
        (Ok(own), Ok(other)) => own.total_cmp(&other),
        _ => own.cmp(other),
    }
}

impl Fields<'_> {
    /// A field's value as a text: empty where the record has none.
    pub(crate) fn text(&self, record: &Value, field: &str) -> String {
        let named = self.named.iter().find(|(name, _)| name.eq_ignore_ascii_case(field));
        let value = match named {
            Some((_, pointer)) => pointer.find(record),
            None => record.get(field),
        };
        match value {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        }
    }
}

/// Whether a text or a number in it, at any depth, contains a text in lower case.
fn mentions(value: &Value, word: &str) -> bool {
    match value {
        Value::String(text) => text.to_lowercase().contains(word),
        Value::Number(number) => number.to_string().contains(word),
        Value::Array(elements) => elements.iter().any(|element| mentions(element, word)),
        Value::Object(members) => members.values().any(|member| mentions(member, word)),
        Value::Null | Value::Bool(_) => false,
    }
}
