//! Publishes input schemas of reads that do not ask for an object.

use serde_json::Value;

use super::Defect;
use crate::catalogue::Tool;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "input-schema-takes-anything",
    requirement: "CAT-09",
    summary: "Publishes input schemas of reads that do not ask for an object.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.define = define;
}

fn define(tool: &Tool, mut definition: Value) -> Value {
    if !tool.risk_level.changes_state()
        && let Some(schema) = definition["input_schema"].as_object_mut()
    {
        schema.shift_remove("type");
    }
    definition
}
