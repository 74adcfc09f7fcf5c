//! Sends an empty `data` object beside an error.

use http::request::Parts;
use serde_json::{Value, json};

use super::Defect;
use crate::envelope;
use crate::error::ApiError;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "data-beside-error",
    requirement: "ENV-03",
    summary: "Sends an empty `data` object beside an error.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.failure = failure;
}

fn failure(head: &Parts, error: &ApiError, request_id: &str) -> Value {
    let mut body = envelope::failure(head, error, request_id);
    body["data"] = json!({});
    body
}
