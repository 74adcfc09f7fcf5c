//! Publishes the default of a number as text.

use serde_json::Value;

use super::Defect;
use crate::catalogue::Tool;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "defaults-of-the-wrong-type",
    requirement: "CAT-12",
    summary: "Publishes the default of a number as text.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.define = define;
}

fn define(_: &Tool, mut definition: Value) -> Value {
    if let Some(properties) = definition["input_schema"]["properties"].as_object_mut() {
        for property in properties
            .values_mut()
            .filter(|property| property["default"].is_number())
        {
            property["default"] = Value::from(property["default"].to_string());
        }
    }
    definition
}
