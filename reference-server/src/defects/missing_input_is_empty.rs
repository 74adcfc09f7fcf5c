//! Reads a missing `input` as an empty object.

use serde_json::{Value, json};

use super::Defect;
use crate::body;
use crate::error::ApiError;
use crate::execution::ExecuteRequest;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "missing-input-is-empty",
    requirement: "EXE-06",
    summary: "Reads a missing `input` as an empty object.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.read = read;
}

fn read(bytes: &[u8]) -> Result<ExecuteRequest, ApiError> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(mut members)) if !members.contains_key("input") => {
            members.insert("input".to_owned(), json!({}));
            body::read(Value::Object(members).to_string().as_bytes())
        }
        _ => body::read(bytes),
    }
}
