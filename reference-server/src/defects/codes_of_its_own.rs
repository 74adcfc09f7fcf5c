//! Says `CONNECTOR_ERROR` where the reference has UPSTREAM_ERROR, and `NO_CONNECTION` for CONNECTION_NOT_FOUND.

use http::request::Parts;
use serde_json::Value;

use super::Defect;
use crate::envelope;
use crate::error::{ApiError, Code};
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "codes-of-its-own",
    requirement: "ENV-06",
    summary: "Says `CONNECTOR_ERROR` where the reference has UPSTREAM_ERROR, and `NO_CONNECTION` for CONNECTION_NOT_FOUND.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.failure = failure;
}

fn failure(head: &Parts, error: &ApiError, request_id: &str) -> Value {
    let mut body = envelope::failure(head, error, request_id);
    match error.code {
        Code::UpstreamError => body["error"]["code"] = Value::from("CONNECTOR_ERROR"),
        Code::ConnectionNotFound => body["error"]["code"] = Value::from("NO_CONNECTION"),
        _ => {}
    }
    body
}
