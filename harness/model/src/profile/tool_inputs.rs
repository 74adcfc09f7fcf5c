//! `[inputs]`: what is known of tools' inputs.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Map, Number, Value};
use toml::de::DeValue;

use super::ToolInputs;
use super::error::ProfileError;
use super::node::{Node, Section};

const KEYS: [&str; 3] = ["examples", "values", "leave"];

/// Reads `[inputs]`.
pub(super) fn read(node: &Node<'_>) -> Result<BTreeMap<String, ToolInputs>, ProfileError> {
    let tools = node.section("a table such as [inputs.\"domain.resource.action\"]")?;
    let mut inputs = BTreeMap::new();
    for (tool, span, known) in tools.entries() {
        if tool.is_empty() {
            return Err(node.fault_at(span, "a tool's key cannot be empty"));
        }
        inputs.insert(tool.to_owned(), tool_inputs(tool, span, &known)?);
    }
    Ok(inputs)
}

fn tool_inputs(tool: &str, span: Range<usize>, node: &Node<'_>) -> Result<ToolInputs, ProfileError> {
    let section = node.section("a table with examples, values or leave")?;
    // `[inputs.itsm.tickets.get]` is a table in a table in a table.
    if let Some(part) = section.has_table(&KEYS)
        && !tool.contains('.')
    {
        let message = format!("`{tool}` in [inputs] is only a part of a tool's key: `{part}` is no key of it");
        return Err(ProfileError {
            message,
            span: Some(span),
            help: Some("put the tool's whole key into quotes: [inputs.\"domain.resource.action\"]".to_owned()),
        });
    }
    let section = section.only(&KEYS)?;
    let inputs = ToolInputs {
        examples: section.read("examples", examples)?.unwrap_or_default(),
        values: section.read("values", values)?.unwrap_or_default(),
        leave: section.read("leave", |node| leave(&node))?.unwrap_or_default(),
    };
    check_left(&section, &inputs)?;
    Ok(inputs)
}

fn examples(node: Node<'_>) -> Result<Vec<Value>, ProfileError> {
    let expected = "a list of inputs such as [{ ticket_id = \"INC0010001\" }]";
    let examples = node.list(expected)?;
    let example = |node: &Node<'_>| match node.value() {
        DeValue::Table(_) => json(node),
        _ => Err(node.expected("an input such as { ticket_id = \"INC0010001\" }")),
    };
    examples.iter().map(example).collect()
}

fn values(node: Node<'_>) -> Result<BTreeMap<String, Vec<Value>>, ProfileError> {
    let section = node.section("a table such as { \"/ticket_id\" = \"INC0010001\" }")?;
    let mut values = BTreeMap::new();
    for (at, span, known) in section.entries() {
        check_place(at).map_err(|fault| node.fault_at(span, fault))?;
        let choice = match known.value() {
            DeValue::Array(_) => known.list("a list")?.iter().map(json).collect::<Result<Vec<_>, _>>()?,
            _ => vec![json(&known)?],
        };
        if choice.is_empty() {
            return Err(known.fault("the list is empty: name at least one value"));
        }
        values.insert(at.to_owned(), choice);
    }
    Ok(values)
}

fn leave(node: &Node<'_>) -> Result<Vec<String>, ProfileError> {
    let expected = "a JSON Pointer such as \"/custom_fields\"";
    let place = |node: &Node<'_>| {
        let at = node.text(expected)?;
        check_place(&at.value).map_err(|fault| node.fault(fault))?;
        Ok(at.value)
    };
    node.list("a list such as [\"/custom_fields\"]")?
        .iter()
        .map(place)
        .collect()
}

/// A place cannot be left alone and have values insisted on.
fn check_left(section: &Section<'_>, inputs: &ToolInputs) -> Result<(), ProfileError> {
    let both = inputs.leave.iter().find(|at| inputs.values.contains_key(*at));
    match (both, section.get("leave")) {
        (Some(at), Some(node)) => Err(node.fault(format_args!("`{at}` stands in `values` too"))),
        _ => Ok(()),
    }
}

/// A JSON Pointer to a place in an input.
fn check_place(at: &str) -> Result<(), &'static str> {
    if at.is_empty() {
        return Err("an empty JSON Pointer is the whole input: use `examples` for whole inputs");
    }
    check_pointer(at)
}

/// Whether a text is a JSON Pointer (RFC 6901).
pub(super) fn check_pointer(text: &str) -> Result<(), &'static str> {
    if !text.is_empty() && !text.starts_with('/') {
        return Err("a JSON Pointer begins with `/`");
    }
    let is_escape = |after: &str| after.starts_with(['0', '1']);
    if !text.split('~').skip(1).all(is_escape) {
        return Err("in a JSON Pointer, `~` stands only in `~0` (for `~`) and `~1` (for `/`)");
    }
    Ok(())
}

/// A value as JSON; a date-time becomes a string.
fn json(node: &Node<'_>) -> Result<Value, ProfileError> {
    match node.value() {
        DeValue::String(_) => Ok(Value::String(node.text("a string")?.value)),
        DeValue::Boolean(value) => Ok(Value::Bool(*value)),
        DeValue::Datetime(value) => Ok(Value::String(value.to_string())),
        DeValue::Integer(value) => {
            let signed = i64::from_str_radix(value.as_str(), value.radix()).map(Number::from);
            let number = signed.or_else(|_| u64::from_str_radix(value.as_str(), value.radix()).map(Number::from));
            let number = number.map_err(|_| node.fault("the integer does not fit into 64 bits"))?;
            Ok(Value::Number(number))
        }
        DeValue::Float(value) => {
            let number = value.as_str().parse().ok().and_then(Number::from_f64);
            let number = number.ok_or_else(|| node.fault("JSON has no such number"))?;
            Ok(Value::Number(number))
        }
        DeValue::Array(items) => items.iter().map(|item| json(&node.inner(item))).collect(),
        DeValue::Table(members) => {
            let member = |(name, value): (&toml::Spanned<_>, _)| {
                let name: &std::borrow::Cow<'_, str> = name.get_ref();
                Ok((name.clone().into_owned(), json(&node.inner(value))?))
            };
            let members = members
                .iter()
                .map(member)
                .collect::<Result<Map<_, _>, ProfileError>>()?;
            Ok(Value::Object(members))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_those_of_rfc_6901() {
        for pointer in ["", "/", "/a/0", "/a~1b~0c", "//"] {
            assert_eq!(check_pointer(pointer), Ok(()), "{pointer}");
        }
        for no_pointer in ["a", "a/b", "/a~", "/~2", "#/a"] {
            assert!(check_pointer(no_pointer).is_err(), "{no_pointer}");
        }
    }
}
