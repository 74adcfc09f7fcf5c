//! Takes a body that it cannot read for one with an empty input.

use serde_json::{Value, json};

use super::Defect;
use crate::body;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "unreadable-bodies-are-empty",
    requirement: "EXE-08",
    summary: "Takes a body that it cannot read for one with an empty input.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.read = |bytes| match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Object(_)) => body::read(bytes),
        _ => body::read(json!({"input": {}}).to_string().as_bytes()),
    };
}
