//! Checks `additionalProperties` of the input itself, but of no object inside it.

use super::Defect;
use crate::flow::Flow;
use crate::misreading::{self, Schema};
use crate::subschemas::Place;

pub(super) const DEFECT: Defect = Defect {
    name: "nested-unknown-members-accepted",
    requirement: "EXE-02",
    summary: "Checks `additionalProperties` of the input itself, but of no object inside it.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::rewriting(rewrite);
}

fn rewrite(schema: &mut Schema, place: &Place) {
    if place.depth > 0 {
        schema.shift_remove("additionalProperties");
    }
}
