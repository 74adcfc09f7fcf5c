//! Counts a text's length in bytes, and refuses what has more than its schema's `maxLength` asks.

use serde_json::Value;

use super::Defect;
use crate::catalogue::Tool;
use crate::error::ApiError;
use crate::flow::Flow;
use crate::input;

pub(super) const DEFECT: Defect = Defect {
    name: "lengths-in-bytes",
    requirement: "EXE-01",
    summary: "Counts a text's length in bytes, and refuses what has more than its schema's `maxLength` asks.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = validate;
}

fn validate(tool: &Tool, given: &Value) -> Result<(), ApiError> {
    input::validate(tool, given)?;
    // The same text with a letter for each byte has as many characters as the text has bytes.
    let spelled = in_letters(given);
    let too_long = |fault: &jsonschema::ValidationError<'_>| fault.kind().keyword() == "maxLength";
    let faults: Vec<_> = tool.input.iter_errors(&spelled).filter(too_long).collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(input::refusal(faults.into_iter()))
    }
}

fn in_letters(value: &Value) -> Value {
    match value {
        Value::String(text) if !text.is_ascii() => Value::from("x".repeat(text.len())),
        Value::Array(items) => items.iter().map(in_letters).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), in_letters(member)))
            .collect(),
        other => other.clone(),
    }
}
