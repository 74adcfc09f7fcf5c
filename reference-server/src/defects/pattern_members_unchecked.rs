//! Finds members by `patternProperties`, but does not check their values.

use serde_json::Value;

use super::Defect;
use crate::flow::Flow;
use crate::misreading::{self, Schema};
use crate::subschemas::Place;

pub(super) const DEFECT: Defect = Defect {
    name: "pattern-members-unchecked",
    requirement: "EXE-02",
    summary: "Finds members by `patternProperties`, but does not check their values.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::rewriting(rewrite);
}

fn rewrite(schema: &mut Schema, _: &Place) {
    if let Some(Value::Object(by_pattern)) = schema.get_mut("patternProperties") {
        by_pattern.values_mut().for_each(|value| *value = Value::Bool(true));
    }
}
