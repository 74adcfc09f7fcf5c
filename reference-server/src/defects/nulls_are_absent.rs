//! Takes null for an optional member that is left out.

use serde_json::{Value, json};

use super::Defect;
use crate::flow::Flow;
use crate::misreading::{self, Schema};
use crate::subschemas::Place;

pub(super) const DEFECT: Defect = Defect {
    name: "nulls-are-absent",
    requirement: "EXE-02",
    summary: "Takes null for an optional member that is left out.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::rewriting(rewrite);
}

fn rewrite(schema: &mut Schema, _: &Place) {
    let required = schema.get("required").cloned().unwrap_or_default();
    let is_optional = |name: &str| {
        required
            .as_array()
            .is_none_or(|names| names.iter().all(|known| known != name))
    };
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        let optional = properties.iter_mut().filter(|(name, _)| is_optional(name));
        for (_, property) in optional {
            if let Value::Object(property) = property {
                misreading::accept_too(property, json!({"type": "null"}));
            }
        }
    }
}
