//! Fails on an idempotency key with control characters.

use serde_json::Value;

use super::Defect;
use crate::body;
use crate::error::{ApiError, Code};
use crate::execution::ExecuteRequest;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "control-characters-crash",
    requirement: "IDM-10",
    summary: "Fails on an idempotency key with control characters.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.read = read;
}

fn read(bytes: &[u8]) -> Result<ExecuteRequest, ApiError> {
    let members: Value = serde_json::from_slice(bytes).unwrap_or_default();
    match members["idempotency_key"].as_str() {
        Some(key) if key.chars().any(char::is_control) => {
            Err(ApiError::new(Code::InternalError, "The key could not be stored."))
        }
        _ => body::read(bytes),
    }
}
