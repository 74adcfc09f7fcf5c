//! Refuses null where the schema allows it.

use serde_json::Value;

use super::Defect;
use crate::catalogue::Tool;
use crate::error::ApiError;
use crate::flow::Flow;
use crate::input;

pub(super) const DEFECT: Defect = Defect {
    name: "nulls-refused",
    requirement: "EXE-01",
    summary: "Refuses null where the schema allows it.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = Box::new(validate);
}

fn validate(tool: &Tool, given: &Value) -> Result<(), ApiError> {
    input::validate(tool, given)?;
    let has_null = given
        .as_object()
        .is_some_and(|members| members.values().any(Value::is_null));
    if has_null {
        return Err(ApiError::invalid("A member of the input is null.").with("errors", vec!["/input"]));
    }
    Ok(())
}
