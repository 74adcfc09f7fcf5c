//! Refuses an idempotency key with other characters than letters, digits, `-` and `_`.

use serde_json::Value;

use super::Defect;
use crate::body;
use crate::error::ApiError;
use crate::execution::ExecuteRequest;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "keys-of-letters-only",
    requirement: "IDM-10",
    summary: "Refuses an idempotency key with other characters than letters, digits, `-` and `_`.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.read = read;
}

fn read(bytes: &[u8]) -> Result<ExecuteRequest, ApiError> {
    let members: Value = serde_json::from_slice(bytes).unwrap_or_default();
    match members["idempotency_key"].as_str() {
        Some(key)
            if !key
                .chars()
                .all(|character| character.is_ascii_alphanumeric() || "-_".contains(character)) =>
        {
            Err(ApiError::invalid(
                "`idempotency_key` may have letters, digits, `-` and `_`.",
            ))
        }
        _ => body::read(bytes),
    }
}
