//! `[dialect]`: what is pinned of the dialect.

use serde_json::Value;

use super::error::ProfileError;
use super::node::Node;
use super::pointer;
use super::suggestion::instead_of;
use crate::surface::{Dialect, ResetUnit};

const KEYS: [&str; 14] = [
    "tools_at",
    "cursor_at",
    "cursor_parameter",
    "definition_at",
    "key_field",
    "domain_field",
    "risk_field",
    "input_schema_field",
    "output_schema_field",
    "connectors_field",
    "limit_header",
    "remaining_header",
    "reset_header",
    "reset_unit",
];

const RESET_UNITS: [&str; 4] = ["delta_seconds", "epoch_seconds", "epoch_milliseconds", "date"];

/// Reads `[dialect]`.
pub(super) fn read(node: &Node<'_>) -> Result<Dialect, ProfileError> {
    let section = node.section("a table")?.only(&KEYS)?;
    let place = |key| {
        section.read(key, |node| {
            pointer::read(&node, "a JSON Pointer such as \"/data/tools\"")
        })
    };
    let name = |key| section.read(key, |node| node.word("a member's name such as \"tool_key\""));
    let header = |key| section.read(key, |node| header_name(&node));
    Ok(Dialect {
        tools_at: place("tools_at")?,
        cursor_at: place("cursor_at")?,
        cursor_parameter: section.read("cursor_parameter", |node| {
            node.word("a query parameter's name such as \"cursor\"")
        })?,
        definition_at: place("definition_at")?,
        key_field: name("key_field")?,
        domain_field: name("domain_field")?,
        risk_field: name("risk_field")?,
        input_schema_field: name("input_schema_field")?,
        output_schema_field: name("output_schema_field")?,
        connectors_field: name("connectors_field")?,
        limit_header: header("limit_header")?,
        remaining_header: header("remaining_header")?,
        reset_header: header("reset_header")?,
        reset_unit: section.read("reset_unit", |node| reset_unit(&node))?,
    })
}

/// A header's name (RFC 9110 §5.1).
fn header_name(node: &Node<'_>) -> Result<String, ProfileError> {
    let name = node.word("a header's name such as \"RateLimit-Limit\"")?;
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.bytes().all(is_token) {
        Ok(name)
    } else {
        Err(node.fault(format_args!("`{name}` is not a header's name")))
    }
}

fn reset_unit(node: &Node<'_>) -> Result<ResetUnit, ProfileError> {
    let text = node.text("a unit such as \"delta_seconds\"")?;
    let unknown = |_| {
        node.fault(format_args!(
            "`{}` is not a unit; {}",
            text.raw,
            instead_of(text.raw, &RESET_UNITS)
        ))
    };
    serde_json::from_value(Value::String(text.value.clone())).map_err(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_are_the_members_of_the_dialect() {
        let Ok(Value::Object(members)) = serde_json::to_value(Dialect::default()) else {
            panic!("the dialect is an object");
        };
        assert_eq!(members.keys().collect::<Vec<_>>(), KEYS);
    }

    #[test]
    fn the_reset_units_are_all_there() {
        for unit in RESET_UNITS {
            let parsed: ResetUnit = serde_json::from_value(Value::from(unit)).unwrap();
            assert_eq!(serde_json::to_value(parsed).unwrap(), unit);
        }
    }
}
