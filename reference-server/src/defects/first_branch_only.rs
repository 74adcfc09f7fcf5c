//! Tries only the first branch of `anyOf`.

use serde_json::Value;

use super::Defect;
use crate::flow::Flow;
use crate::misreading::{self, Schema};
use crate::subschemas::Place;

pub(super) const DEFECT: Defect = Defect {
    name: "first-branch-only",
    requirement: "EXE-01",
    summary: "Tries only the first branch of `anyOf`.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::rewriting(rewrite);
}

fn rewrite(schema: &mut Schema, _: &Place) {
    if let Some(Value::Array(branches)) = schema.shift_remove("anyOf") {
        branches
            .into_iter()
            .take(1)
            .for_each(|first| misreading::ask_too(schema, first));
    }
}
