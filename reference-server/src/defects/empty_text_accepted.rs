//! Takes an empty text whatever `minLength` asks.

use serde_json::json;

use super::Defect;
use crate::flow::Flow;
use crate::misreading::{self, Schema};
use crate::subschemas::Place;

pub(super) const DEFECT: Defect = Defect {
    name: "empty-text-accepted",
    requirement: "EXE-02",
    summary: "Takes an empty text whatever `minLength` asks.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::rewriting(rewrite);
}

fn rewrite(schema: &mut Schema, _: &Place) {
    if schema.contains_key("minLength") {
        misreading::accept_too(schema, json!({"enum": [""]}));
    }
}
