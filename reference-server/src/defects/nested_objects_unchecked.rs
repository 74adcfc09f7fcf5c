//! Checks the members of the input, but not what is inside them.

use super::Defect;
use crate::flow::Flow;
use crate::misreading::{self, Schema};
use crate::subschemas::Place;

pub(super) const DEFECT: Defect = Defect {
    name: "nested-objects-unchecked",
    requirement: "EXE-02",
    summary: "Checks the members of the input, but not what is inside them.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::rewriting(rewrite);
}

fn rewrite(schema: &mut Schema, place: &Place) {
    if place.depth > 1 {
        schema.clear();
    }
}
