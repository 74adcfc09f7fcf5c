//! Refuses further members where `additionalProperties` is false, but does not check them by its schema.

use serde_json::Value;

use super::Defect;
use crate::flow::Flow;
use crate::misreading::{self, Schema};
use crate::subschemas::Place;

pub(super) const DEFECT: Defect = Defect {
    name: "additional-members-untyped",
    requirement: "EXE-02",
    summary: "Refuses further members where `additionalProperties` is false, but does not check them by its schema.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::rewriting(rewrite);
}

fn rewrite(schema: &mut Schema, _: &Place) {
    if let Some(further @ Value::Object(_)) = schema.get_mut("additionalProperties") {
        *further = Value::Bool(true);
    }
}
