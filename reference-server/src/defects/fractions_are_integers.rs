//! Takes any number for an integer.

use serde_json::Value;

use super::Defect;
use crate::flow::Flow;
use crate::misreading::{self, Schema};
use crate::subschemas::Place;

pub(super) const DEFECT: Defect = Defect {
    name: "fractions-are-integers",
    requirement: "EXE-02",
    summary: "Takes any number for an integer.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::rewriting(rewrite);
}

fn rewrite(schema: &mut Schema, _: &Place) {
    match schema.get_mut("type") {
        Some(Value::Array(types)) => types.iter_mut().for_each(widen),
        Some(one) => widen(one),
        None => {}
    }
}

fn widen(kind: &mut Value) {
    if kind == "integer" {
        *kind = Value::from("number");
    }
}
