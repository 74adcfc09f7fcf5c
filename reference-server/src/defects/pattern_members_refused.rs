//! Does not know `patternProperties`, and so takes the members that it allows for unknown ones.

use super::Defect;
use crate::flow::Flow;
use crate::misreading::{self, Schema};
use crate::subschemas::Place;

pub(super) const DEFECT: Defect = Defect {
    name: "pattern-members-refused",
    requirement: "EXE-01",
    summary: "Does not know `patternProperties`, and so takes the members that it allows for unknown ones.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::rewriting(rewrite);
}

fn rewrite(schema: &mut Schema, _: &Place) {
    schema.shift_remove("patternProperties");
}
