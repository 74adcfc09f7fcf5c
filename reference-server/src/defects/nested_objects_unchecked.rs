//! Checks the members of the input, but not what is inside them.

use serde_json::Value;

use super::Defect;
use crate::catalogue::Tool;
use crate::error::ApiError;
use crate::flow::Flow;
use crate::input;

pub(super) const DEFECT: Defect = Defect {
    name: "nested-objects-unchecked",
    requirement: "EXE-02",
    summary: "Checks the members of the input, but not what is inside them.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = validate;
}

fn validate(tool: &Tool, given: &Value) -> Result<(), ApiError> {
    input::validate_but(tool, given, |fault| fault.instance_path().iter().count() > 1)
}
