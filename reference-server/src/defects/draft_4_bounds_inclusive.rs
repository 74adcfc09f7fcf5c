//! Does not know the boolean `exclusiveMinimum` and `exclusiveMaximum` of draft-04, and takes the bound itself.

use super::Defect;
use crate::flow::Flow;
use crate::misreading::{self, Schema};
use crate::subschemas::Place;

pub(super) const DEFECT: Defect = Defect {
    name: "draft-4-bounds-inclusive",
    requirement: "EXE-02",
    summary: "Does not know the boolean `exclusiveMinimum` and `exclusiveMaximum` of draft-04, and takes the bound itself.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::rewriting(rewrite);
}

fn rewrite(schema: &mut Schema, _: &Place) {
    schema.retain(|keyword, value| {
        !(value.is_boolean() && matches!(keyword.as_str(), "exclusiveMinimum" | "exclusiveMaximum"))
    });
}
