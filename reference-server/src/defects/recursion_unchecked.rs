//! Does not follow a `$ref` back into the definition that holds it.

use serde_json::Value;

use super::Defect;
use crate::flow::Flow;
use crate::misreading::{self, Schema};
use crate::subschemas::Place;

pub(super) const DEFECT: Defect = Defect {
    name: "recursion-unchecked",
    requirement: "EXE-02",
    summary: "Does not follow a `$ref` back into the definition that holds it.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::rewriting(rewrite);
}

fn rewrite(schema: &mut Schema, place: &Place) {
    let target = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|target| target.strip_prefix('#'));
    if target.is_some_and(|target| place.pointer.starts_with(target)) {
        schema.shift_remove("$ref");
    }
}
