//! Does not check which members need another beside them.

use serde_json::Value;

use super::Defect;
use crate::flow::Flow;
use crate::misreading::{self, Schema};
use crate::subschemas::Place;

pub(super) const DEFECT: Defect = Defect {
    name: "dependencies-unchecked",
    requirement: "EXE-02",
    summary: "Does not check which members need another beside them.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::rewriting(rewrite);
}

fn rewrite(schema: &mut Schema, _: &Place) {
    schema.shift_remove("dependentRequired");
    if let Some(Value::Object(dependencies)) = schema.get_mut("dependencies") {
        dependencies.retain(|_, needed| !needed.is_array());
    }
}
