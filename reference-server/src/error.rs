//! The hub's refusals: a code, what a client needs to know, and the status that goes with it.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Map, Value};

/// Why a request was not served. The first eight are documented (reference: Common error codes); the rest is what this hub says
/// where no code is documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the reference's own codes")]
pub(crate) enum Code {
    Unauthorized,
    Forbidden,
    ToolNotFound,
    ConnectionNotFound,
    InvalidInput,
    ApprovalRequired,
    UpstreamError,
    RateLimited,
    /// No such route.
    RouteNotFound,
    /// A route, but not with this method.
    MethodNotAllowed,
    /// No such entry in Approvals.
    ApprovalNotFound,
    /// A bug of this hub.
    InternalError,
}

impl Code {
    /// The spelling on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Unauthorized => "UNAUTHORIZED",
            Self::Forbidden => "FORBIDDEN",
            Self::ToolNotFound => "TOOL_NOT_FOUND",
            Self::ConnectionNotFound => "CONNECTION_NOT_FOUND",
            Self::InvalidInput => "INVALID_INPUT",
            Self::ApprovalRequired => "APPROVAL_REQUIRED",
            Self::UpstreamError => "UPSTREAM_ERROR",
            Self::RateLimited => "RATE_LIMITED",
            Self::RouteNotFound => "ROUTE_NOT_FOUND",
            Self::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Self::ApprovalNotFound => "APPROVAL_NOT_FOUND",
            Self::InternalError => "INTERNAL_ERROR",
        }
    }

    /// The status that goes with the code, unless the refusal has one of its own (ENV-11).
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::ApprovalRequired => StatusCode::FORBIDDEN,
            Self::ToolNotFound | Self::ConnectionNotFound | Self::RouteNotFound | Self::ApprovalNotFound => {
                StatusCode::NOT_FOUND
            }
            Self::InvalidInput => StatusCode::BAD_REQUEST,
            Self::UpstreamError => StatusCode::BAD_GATEWAY,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// A refusal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ApiError {
    /// Why.
    pub(crate) code: Code,
    /// What a person needs to know.
    pub(crate) message: String,
    /// What a program needs to know.
    pub(crate) details: Map<String, Value>,
    /// The status, where it is not the code's own: 413 or 415 for INVALID_INPUT.
    pub(crate) status: Option<StatusCode>,
    /// When to try again.
    pub(crate) retry_after: Option<Duration>,
}

impl ApiError {
    /// A refusal without details.
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            details: Map::new(),
            status: None,
            retry_after: None,
        }
    }

    /// INVALID_INPUT.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidInput, message)
    }

    /// The same refusal with a detail.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }

    /// The same refusal under a status of its own.
    pub(crate) fn under(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    /// The status it is answered with.
    pub(crate) fn status(&self) -> StatusCode {
        self.status.unwrap_or_else(|| self.code.status())
    }
}
