//! Puts the request's headers, the key among them, into the details of every error.

use http::request::Parts;
use serde_json::{Map, Value};

use super::Defect;
use crate::envelope;
use crate::error::ApiError;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "request-headers-echoed",
    requirement: "AUTH-10",
    summary: "Puts the request's headers, the key among them, into the details of every error.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.failure = failure;
}

fn failure(head: &Parts, error: &ApiError, request_id: &str) -> Value {
    let mut body = envelope::failure(head, error, request_id);
    let text = |value: &http::HeaderValue| Value::from(value.to_str().unwrap_or_default());
    let headers: Map<_, _> = head
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), text(value)))
        .collect();
    body["error"]["details"]["request_headers"] = Value::Object(headers);
    body
}
