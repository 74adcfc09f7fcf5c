//! The response envelope (reference: Response envelope).

use std::time::Duration;

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};

use crate::connectors::Data;
use crate::error::ApiError;
use crate::state::HubState;

/// The room that an envelope starts with: enough for most records, and for a short page of them.
const ROOM: usize = 2048;
/// The type, the three that tell a quota, and those that the server adds.
const USUAL_HEADERS: usize = 6;

/// What a call came to, before it is written.
#[derive(Debug, Clone)]
pub(crate) struct Success {
    /// What the tool gave.
    pub(crate) data: Data,
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
    /// JSON, to be written compactly.
    Json(Value),
    /// JSON, written.
    Written(Vec<u8>),
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
    pub(crate) fn new(status: StatusCode, payload: Payload) -> Self {
        Self {
            status,
            headers: HeaderMap::with_capacity(USUAL_HEADERS),
            payload,
        }
    }

    pub(crate) fn json(status: StatusCode, body: Value) -> Self {
        Self::new(status, Payload::Json(body))
    }

    /// The same answer with a header.
    pub(crate) fn with(mut self, name: HeaderName, value: impl TryInto<HeaderValue>) -> Self {
        if let Ok(value) = value.try_into() {
            self.headers.insert(name, value);
        }
        self
    }
}

/// The members of the envelope of a success, in their order.
#[derive(Serialize)]
struct SuccessMembers<'a> {
    success: bool,
    data: &'a Data,
    connection_id: &'a str,
    duration_ms: u64,
    request_id: &'a str,
}

impl<'a> SuccessMembers<'a> {
    fn of(success: &'a Success, request_id: &'a str) -> Self {
        Self {
            success: true,
            data: &success.data,
            connection_id: &success.connection_id,
            duration_ms: u64::try_from(success.duration.as_millis()).unwrap_or(u64::MAX),
            request_id,
        }
    }
}

/// Writes the envelope straight to bytes.
pub(crate) fn success(_hub: &HubState, success: &Success, request_id: &str) -> Payload {
    let mut written = Vec::with_capacity(ROOM);
    match serde_json::to_writer(&mut written, &SuccessMembers::of(success, request_id)) {
        Ok(()) => Payload::Written(written),
        Err(_) => Payload::Json(success_members(success, request_id)),
    }
}

/// The envelope as members that can be changed: for hubs that get it wrong.
pub(crate) fn success_members(success: &Success, request_id: &str) -> Value {
    json!(SuccessMembers::of(success, request_id))
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
