//! Does not check the bounds of numbers.

use serde_json::Value;

use super::Defect;
use crate::catalogue::Tool;
use crate::error::ApiError;
use crate::flow::Flow;
use crate::input;

pub(super) const DEFECT: Defect = Defect {
    name: "bounds-unchecked",
    requirement: "EXE-02",
    summary: "Does not check the bounds of numbers.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = validate;
}

fn validate(tool: &Tool, given: &Value) -> Result<(), ApiError> {
    input::validate_but(tool, given, |fault| {
        matches!(
            fault.kind().keyword(),
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum"
        )
    })
}
