//! Publishes an input schema that refers to a definition which is not in it.

use serde_json::{Value, json};

use super::Defect;
use crate::catalogue::Tool;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "dangling-references",
    requirement: "CAT-06",
    summary: "Publishes an input schema that refers to a definition which is not in it.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.define = define;
}

fn define(tool: &Tool, mut definition: Value) -> Value {
    if let Some(properties) = definition["input_schema"]["properties"].as_object_mut()
        && tool.risk_level.changes_state()
    {
        properties.insert("labels".to_owned(), json!({"$ref": "#/$defs/hub_labels"}));
    }
    definition
}
