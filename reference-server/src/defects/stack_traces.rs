//! Sends a stack trace with every INVALID_INPUT.

use http::request::Parts;
use serde_json::Value;

use super::Defect;
use crate::envelope;
use crate::error::{ApiError, Code};
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "stack-traces",
    requirement: "ENV-13",
    summary: "Sends a stack trace with every INVALID_INPUT.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.failure = failure;
}

const TRACE: &str = "ValidationError: input\n    at validate (/srv/hub/src/tools/validate.ts:118:11)\n    at async execute (/srv/hub/src/routes/execute.ts:42:5)";

fn failure(head: &Parts, error: &ApiError, request_id: &str) -> Value {
    let mut body = envelope::failure(head, error, request_id);
    if error.code == Code::InvalidInput {
        body["error"]["details"]["stack"] = Value::from(TRACE);
    }
    body
}
