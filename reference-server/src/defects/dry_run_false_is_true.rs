//! Takes any `dry_run` for true, false as well.

use serde_json::Value;

use super::Defect;
use crate::body;
use crate::error::ApiError;
use crate::execution::ExecuteRequest;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "dry-run-false-is-true",
    requirement: "DRY-03",
    summary: "Takes any `dry_run` for true, false as well.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.read = read;
}

fn read(bytes: &[u8]) -> Result<ExecuteRequest, ApiError> {
    let members: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let mut request = body::read(bytes)?;
    request.dry_run = members["dry_run"].is_boolean();
    Ok(request)
}
