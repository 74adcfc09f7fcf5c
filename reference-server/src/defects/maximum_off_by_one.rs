//! Takes the integer after `maximum`.

use serde_json::Value;

use super::Defect;
use crate::flow::Flow;
use crate::misreading::{self, Schema};
use crate::subschemas::Place;

pub(super) const DEFECT: Defect = Defect {
    name: "maximum-off-by-one",
    requirement: "EXE-02",
    summary: "Takes the integer after `maximum`.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::rewriting(rewrite);
}

fn rewrite(schema: &mut Schema, _: &Place) {
    let is_integer = schema.get("type").is_some_and(|kind| kind == "integer");
    let next = schema
        .get("maximum")
        .and_then(Value::as_i64)
        .and_then(|maximum| maximum.checked_add(1));
    if let Some(next) = next.filter(|_| is_integer) {
        schema.insert("maximum".to_owned(), Value::from(next));
    }
}
