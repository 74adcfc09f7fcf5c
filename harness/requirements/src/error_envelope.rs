//! The error envelope of the reference, and which answers are errors.

use hubproof_model::exchange::{Exchange, Response};
use hubproof_model::outcome::Outcome;
use serde_json::Value;

/// Whether an answer is an error: by its status, or by its envelope (APPROVAL_REQUIRED may come with 202). One that says
/// `success: true` is none, whatever its status (ENV-10).
pub(crate) fn is_error(exchange: &Exchange, response: &Response) -> bool {
    match Outcome::of(exchange) {
        Outcome::Success | Outcome::Fault => false,
        Outcome::Error(_) => true,
        Outcome::Bare(_) => response.status >= 400,
    }
}

/// What keeps an answer's body from being an error envelope; `None` where it is one.
pub(crate) fn fault(response: &Response) -> Option<&'static str> {
    let Some(body) = response.json().filter(|body| body.is_object()) else {
        return Some("the body is not a JSON object");
    };
    let error = &body["error"];
    let is_filled = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    if body["success"] != Value::Bool(false) {
        Some("`success` is not false")
    } else if !error.is_object() {
        Some("`error` is not an object")
    } else if !is_filled(&error["code"]) {
        Some("`error.code` is not a non-empty string")
    } else if !is_filled(&error["message"]) {
        Some("`error.message` is not a non-empty string")
    } else if !error["details"].is_object() {
        Some("`error.details` is not an object")
    } else if !is_filled(&body["request_id"]) {
        Some("`request_id` is not a non-empty string")
    } else {
        None
    }
}
