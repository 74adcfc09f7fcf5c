//! Reads a `dry_run` that is no boolean as false, and executes.

use serde_json::Value;

use super::Defect;
use crate::body;
use crate::error::ApiError;
use crate::execution::ExecuteRequest;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "dry-run-text-ignored",
    requirement: "EXE-07",
    summary: "Reads a `dry_run` that is no boolean as false, and executes.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.read = read;
}

fn read(bytes: &[u8]) -> Result<ExecuteRequest, ApiError> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(mut members)) if members.get("dry_run").is_some_and(|dry_run| !dry_run.is_boolean()) => {
            members.insert("dry_run".to_owned(), Value::Bool(false));
            body::read(Value::Object(members).to_string().as_bytes())
        }
        _ => body::read(bytes),
    }
}
