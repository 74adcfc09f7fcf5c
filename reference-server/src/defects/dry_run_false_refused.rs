//! Takes `dry_run: false` for invalid.

use serde_json::Value;

use super::Defect;
use crate::body;
use crate::error::ApiError;
use crate::execution::ExecuteRequest;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "dry-run-false-refused",
    requirement: "DRY-03",
    summary: "Takes `dry_run: false` for invalid.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.read = read;
}

fn read(bytes: &[u8]) -> Result<ExecuteRequest, ApiError> {
    let members: Value = serde_json::from_slice(bytes).unwrap_or_default();
    match members["dry_run"] {
        Value::Bool(false) => Err(ApiError::invalid("`dry_run` must be true where it is given.")),
        _ => body::read(bytes),
    }
}
