//! Checks only the first name of `required`.

use serde_json::Value;

use super::Defect;
use crate::flow::Flow;
use crate::misreading::{self, Schema};
use crate::subschemas::Place;

pub(super) const DEFECT: Defect = Defect {
    name: "required-first-only",
    requirement: "EXE-02",
    summary: "Checks only the first name of `required`.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::rewriting(rewrite);
}

fn rewrite(schema: &mut Schema, _: &Place) {
    if let Some(Value::Array(names)) = schema.get_mut("required") {
        names.truncate(1);
    }
}
