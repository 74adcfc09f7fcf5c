//! Leaves the output schema out of the definitions of state-changing tools.

use serde_json::Value;

use super::Defect;
use crate::catalogue::Tool;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "output-schema-missing",
    requirement: "CAT-04",
    summary: "Leaves the output schema out of the definitions of state-changing tools.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.define = define;
}

fn define(tool: &Tool, mut definition: Value) -> Value {
    if tool.risk_level.changes_state()
        && let Some(members) = definition.as_object_mut()
    {
        members.remove("output_schema");
    }
    definition
}
