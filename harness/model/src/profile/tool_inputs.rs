//! `[inputs]`: what is known of tools' inputs.

use std::collections::BTreeMap;

use serde_json::Value;
use toml::de::DeValue;

use super::by_tool::ByTool;
use super::error::ProfileError;
use super::node::{Node, Section};
use super::{ToolInputs, json, pointer};

const KEYS: [&str; 3] = ["examples", "values", "leave"];

/// Reads `[inputs]`.
pub(super) fn read(node: &Node<'_>) -> Result<BTreeMap<String, ToolInputs>, ProfileError> {
    let tables = ByTool {
        name: "inputs",
        keys: &KEYS,
        members: "a table with examples, values or leave",
    };
    tables.read(node, |_, section| tool_inputs(&section))
}

fn tool_inputs(section: &Section<'_>) -> Result<ToolInputs, ProfileError> {
    let inputs = ToolInputs {
        examples: section.read("examples", examples)?.unwrap_or_default(),
        values: section.read("values", values)?.unwrap_or_default(),
        leave: section.read("leave", |node| leave(&node))?.unwrap_or_default(),
    };
    check_left(section, &inputs)?;
    Ok(inputs)
}

fn examples(node: Node<'_>) -> Result<Vec<Value>, ProfileError> {
    let expected = "a list of inputs such as [{ ticket_id = \"INC0010001\" }]";
    let examples = node.list(expected)?;
    let example = |node: &Node<'_>| match node.value() {
        DeValue::Table(_) => json::read(node),
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
            DeValue::Array(_) => known
                .list("a list")?
                .iter()
                .map(json::read)
                .collect::<Result<Vec<_>, _>>()?,
            _ => vec![json::read(&known)?],
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
    pointer::check(at)
}
