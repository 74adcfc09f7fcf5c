//! Ignores what stands beside a `$ref`, as drafts before 2019-09 do.

use super::Defect;
use crate::flow::Flow;
use crate::misreading::{self, Schema};
use crate::subschemas::Place;

pub(super) const DEFECT: Defect = Defect {
    name: "reference-siblings-ignored",
    requirement: "EXE-02",
    summary: "Ignores what stands beside a `$ref`, as drafts before 2019-09 do.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::rewriting(rewrite);
}

fn rewrite(schema: &mut Schema, _: &Place) {
    if schema.contains_key("$ref") {
        schema.retain(|keyword, _| matches!(keyword.as_str(), "$ref" | "$schema" | "$defs" | "definitions"));
    }
}
