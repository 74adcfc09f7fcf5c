//! Does not check the elements of a list that has a schema for each.

use serde_json::Value;

use super::Defect;
use crate::flow::Flow;
use crate::misreading::{self, Schema};
use crate::subschemas::Place;

pub(super) const DEFECT: Defect = Defect {
    name: "tuples-unchecked",
    requirement: "EXE-02",
    summary: "Does not check the elements of a list that has a schema for each.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::rewriting(rewrite);
}

fn rewrite(schema: &mut Schema, _: &Place) {
    let by_place = schema.contains_key("prefixItems") || schema.get("items").is_some_and(Value::is_array);
    if by_place {
        schema.retain(|keyword, _| !matches!(keyword.as_str(), "prefixItems" | "items" | "additionalItems"));
    }
}
