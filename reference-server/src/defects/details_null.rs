//! Sends `error.details` as null where there are none.

use http::request::Parts;
use serde_json::Value;

use super::Defect;
use crate::envelope;
use crate::error::ApiError;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "details-null",
    requirement: "ENV-02",
    summary: "Sends `error.details` as null where there are none.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.failure = failure;
}

fn failure(head: &Parts, error: &ApiError, request_id: &str) -> Value {
    let mut body = envelope::failure(head, error, request_id);
    if error.details.is_empty() {
        body["error"]["details"] = Value::Null;
    }
    body
}
