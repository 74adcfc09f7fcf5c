//! Fails on an idempotency key that is too long for its column.

use serde_json::Value;

use super::Defect;
use crate::body;
use crate::error::{ApiError, Code};
use crate::execution::ExecuteRequest;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "endless-keys-crash",
    requirement: "IDM-10",
    summary: "Fails on an idempotency key that is too long for its column.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.read = read;
}

fn read(bytes: &[u8]) -> Result<ExecuteRequest, ApiError> {
    let members: Value = serde_json::from_slice(bytes).unwrap_or_default();
    match members["idempotency_key"].as_str() {
        Some(key) if key.chars().count() > 255 => {
            Err(ApiError::new(Code::InternalError, "The key could not be stored."))
        }
        _ => body::read(bytes),
    }
}
