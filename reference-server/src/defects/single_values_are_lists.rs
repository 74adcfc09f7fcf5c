//! Takes a single value for a list of one.

use serde_json::json;

use super::Defect;
use crate::flow::Flow;
use crate::misreading::{self, Schema};
use crate::subschemas::Place;

pub(super) const DEFECT: Defect = Defect {
    name: "single-values-are-lists",
    requirement: "EXE-02",
    summary: "Takes a single value for a list of one.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::rewriting(rewrite);
}

fn rewrite(schema: &mut Schema, _: &Place) {
    if schema.get("type").is_some_and(|kind| kind == "array") {
        let element = schema.get("items").filter(|element| element.is_object());
        let element = element.cloned().unwrap_or_else(|| json!({"not": {"type": "array"}}));
        misreading::accept_too(schema, element);
    }
}
