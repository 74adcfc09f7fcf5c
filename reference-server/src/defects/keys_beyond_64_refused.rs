//! Refuses an idempotency key of more than 64 characters.

use serde_json::Value;

use super::Defect;
use crate::body;
use crate::error::ApiError;
use crate::execution::ExecuteRequest;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "keys-beyond-64-refused",
    requirement: "IDM-10",
    summary: "Refuses an idempotency key of more than 64 characters.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.read = read;
}

fn read(bytes: &[u8]) -> Result<ExecuteRequest, ApiError> {
    let members: Value = serde_json::from_slice(bytes).unwrap_or_default();
    match members["idempotency_key"].as_str() {
        Some(key) if key.chars().count() > 64 => {
            Err(ApiError::invalid("`idempotency_key` is longer than 64 characters."))
        }
        _ => body::read(bytes),
    }
}
