//! Refuses 1.0 for an integer.

use serde_json::Value;

use super::Defect;
use crate::catalogue::Tool;
use crate::error::ApiError;
use crate::flow::Flow;
use crate::input;

pub(super) const DEFECT: Defect = Defect {
    name: "integral-floats-refused",
    requirement: "EXE-18",
    summary: "Refuses 1.0 for an integer.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = Box::new(validate);
}

fn validate(tool: &Tool, given: &Value) -> Result<(), ApiError> {
    input::validate(tool, given)?;
    // With a fraction that is not zero the number is no integer: a fault then shows where the schema asks for one.
    let fractional = with_fractions(given);
    let no_integer = |fault: &jsonschema::ValidationError<'_>| fault.kind().keyword() == "type";
    let faults: Vec<_> = tool.input.iter_errors(&fractional).filter(no_integer).collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(input::refusal(faults.into_iter()))
    }
}

fn with_fractions(value: &Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => Value::from(number.as_f64().unwrap_or_default() + 0.5),
        Value::Array(items) => items.iter().map(with_fractions).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), with_fractions(member)))
            .collect(),
        other => other.clone(),
    }
}
