//! Looks for `pattern` only at the start of the text.

use serde_json::Value;

use super::Defect;
use crate::flow::Flow;
use crate::misreading::{self, Schema};
use crate::subschemas::Place;

pub(super) const DEFECT: Defect = Defect {
    name: "patterns-from-the-start",
    requirement: "EXE-01",
    summary: "Looks for `pattern` only at the start of the text.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::rewriting(rewrite);
}

fn rewrite(schema: &mut Schema, _: &Place) {
    if let Some(Value::String(pattern)) = schema.get_mut("pattern") {
        *pattern = format!("^(?:{pattern})");
    }
}
