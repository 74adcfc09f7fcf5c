//! Reads `oneOf` as `anyOf`: what matches several branches is accepted.

use serde_json::json;

use super::Defect;
use crate::flow::Flow;
use crate::misreading::{self, Schema};
use crate::subschemas::Place;

pub(super) const DEFECT: Defect = Defect {
    name: "one-of-takes-several",
    requirement: "EXE-02",
    summary: "Reads `oneOf` as `anyOf`: what matches several branches is accepted.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::rewriting(rewrite);
}

fn rewrite(schema: &mut Schema, _: &Place) {
    if let Some(branches) = schema.shift_remove("oneOf") {
        misreading::ask_too(schema, json!({"anyOf": branches}));
    }
}
