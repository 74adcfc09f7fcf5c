//! The outcome of a call, read from an answer's envelope as the contract's words have it.

use std::fmt;

use serde_json::Value;

use crate::exchange::{Exchange, Response};

/// A documented error code, or another one that the hub sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are the reference's own codes")]
pub enum ErrorCode {
    Unauthorized,
    Forbidden,
    ToolNotFound,
    ConnectionNotFound,
    InvalidInput,
    ApprovalRequired,
    UpstreamError,
    RateLimited,
    /// None of the documented ones (ENV-06).
    Other(String),
}

impl ErrorCode {
    /// The documented codes, in the reference's order.
    pub const DOCUMENTED: [ErrorCode; 8] = [
        ErrorCode::Unauthorized,
        ErrorCode::Forbidden,
        ErrorCode::ToolNotFound,
        ErrorCode::ConnectionNotFound,
        ErrorCode::InvalidInput,
        ErrorCode::ApprovalRequired,
        ErrorCode::UpstreamError,
        ErrorCode::RateLimited,
    ];

    /// Reads `error.code`.
    pub fn parse(text: &str) -> Self {
        Self::DOCUMENTED
            .into_iter()
            .find(|code| code.as_str() == text)
            .unwrap_or_else(|| ErrorCode::Other(text.to_owned()))
    }

    /// The spelling on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            ErrorCode::Unauthorized => "UNAUTHORIZED",
            ErrorCode::Forbidden => "FORBIDDEN",
            ErrorCode::ToolNotFound => "TOOL_NOT_FOUND",
            ErrorCode::ConnectionNotFound => "CONNECTION_NOT_FOUND",
            ErrorCode::InvalidInput => "INVALID_INPUT",
            ErrorCode::ApprovalRequired => "APPROVAL_REQUIRED",
            ErrorCode::UpstreamError => "UPSTREAM_ERROR",
            ErrorCode::RateLimited => "RATE_LIMITED",
            ErrorCode::Other(text) => text,
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What an answer says happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// `success: true`.
    Success,
    /// `success: false`, or no `success` but an `error.code`; the code.
    Error(ErrorCode),
    /// No envelope: what a framework, proxy or broken hub answers. Listings and definitions are also bare when they succeed.
    Bare(u16),
    /// No answer.
    Fault,
}

impl Outcome {
    /// Reads an exchange.
    pub fn of(exchange: &Exchange) -> Self {
        exchange.response().map_or(Outcome::Fault, Self::of_response)
    }

    /// Reads an answer.
    pub fn of_response(response: &Response) -> Self {
        let bare = Outcome::Bare(response.status);
        let Some(Value::Object(body)) = response.json() else {
            return bare;
        };
        let code = body
            .get("error")
            .and_then(|error| error.get("code"))
            .and_then(Value::as_str);
        match (body.get("success"), code) {
            (Some(Value::Bool(true)), _) => Outcome::Success,
            (_, Some(code)) => Outcome::Error(ErrorCode::parse(code)),
            (Some(Value::Bool(false)), None) => Outcome::Error(ErrorCode::Other(String::new())),
            _ => bare,
        }
    }

    /// Whether it is this error.
    pub fn is(&self, code: &ErrorCode) -> bool {
        matches!(self, Outcome::Error(own) if own == code)
    }

    /// Whether it is an answer without an envelope and of a 4xx status: a framework's or proxy's refusal.
    pub fn is_bare_client_error(&self) -> bool {
        matches!(self, Outcome::Bare(400..=499))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Success => f.write_str("success"),
            Outcome::Error(ErrorCode::Other(text)) if text.is_empty() => f.write_str("an error without a code"),
            Outcome::Error(code) => write!(f, "{code}"),
            Outcome::Bare(status) => write!(f, "a bare {status}"),
            Outcome::Fault => f.write_str("no answer"),
        }
    }
}
