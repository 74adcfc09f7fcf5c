//! The response envelope (reference: Response envelope).

use std::time::Duration;

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::state::HubState;

/// What a call came to, before it is written.
#[derive(Debug, Clone)]
pub(crate) struct Success {
    /// What the tool gave.
    pub(crate) data: Value,
    /// The connection that was used.
    pub(crate) connection_id: String,
    /// The workspace of the caller.
    pub(crate) workspace: String,
    /// The domain of the tool.
    pub(crate) domain: String,
    /// How long the hub worked on it.
    pub(crate) duration: Duration,
    /// Whether nothing was executed.
    pub(crate) dry_run: bool,
}

/// The body of an answer.
#[derive(Debug, Clone)]
pub(crate) enum Payload {
    /// JSON, written compactly.
    Json(Value),
    /// Plain text: what a framework sends of its own.
    Text(String),
    /// A page.
    Html(String),
    /// Nothing.
    Empty,
}

/// An answer, before it is bytes.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Payload,
}

impl Answer {
    pub(crate) fn json(status: StatusCode, body: Value) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            payload: Payload::Json(body),
        }
    }

    /// The same answer with a header.
    pub(crate) fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }
}

pub(crate) fn success(_hub: &HubState, success: &Success, request_id: &str) -> Value {
    json!({
        "success": true,
        "data": success.data,
        "connection_id": success.connection_id,
        "duration_ms": u64::try_from(success.duration.as_millis()).unwrap_or(u64::MAX),
        "request_id": request_id,
    })
}

pub(crate) fn failure(_head: &Parts, error: &ApiError, request_id: &str) -> Value {
    json!({
        "success": false,
        "error": {"code": error.code.as_str(), "message": error.message, "details": error.details},
        "request_id": request_id,
    })
}

/// Unknown routes and wrong methods have the envelope too (ENV-12).
pub(crate) fn outside(head: &Parts, error: &ApiError, request_id: &str) -> Answer {
    Answer::json(error.status(), failure(head, error, request_id))
}
