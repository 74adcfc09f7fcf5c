//! Takes text for what it spells: \"5\" for 5, \"true\" for true.

use serde_json::{Value, json};

use super::Defect;
use crate::flow::Flow;
use crate::misreading::{self, Schema};
use crate::subschemas::Place;

pub(super) const DEFECT: Defect = Defect {
    name: "text-is-coerced",
    requirement: "EXE-02",
    summary: "Takes text for what it spells: \"5\" for 5, \"true\" for true.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::rewriting(rewrite);
}

fn rewrite(schema: &mut Schema, _: &Place) {
    let spelled = match schema.get("type").and_then(Value::as_str) {
        Some("integer") => json!({"type": "string", "pattern": "^-?[0-9]+$"}),
        Some("number") => json!({"type": "string", "pattern": "^-?[0-9]+([.][0-9]+)?$"}),
        Some("boolean") => json!({"enum": ["true", "false"]}),
        _ => return,
    };
    misreading::accept_too(schema, spelled);
}
