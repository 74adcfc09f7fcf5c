//! Reads the body of an execute (reference: Request body).

use axum::body::{Body, Bytes};
use http::StatusCode;
use http_body_util::BodyExt;
use serde::Deserialize;
use serde_json::Value;

use crate::error::ApiError;
use crate::execution::ExecuteRequest;

/// The largest body that is read; the contract asks for 64 KiB at least.
pub(crate) const MAX_BYTES: usize = 1024 * 1024;
/// How much of a larger body is taken in and dropped, so that its sender hears the answer instead of a broken pipe.
const DRAINED_BYTES: usize = 32 * 1024 * 1024;
/// The longest idempotency key (IDM-10).
const MAX_KEY_CHARACTERS: usize = 255;

/// The body of an execute, taken in when it is first asked for.
pub(crate) enum Incoming {
    /// Still on its way.
    Unread(Body),
    /// Its bytes, or why it has none.
    Read(Result<Bytes, ApiError>),
}

impl Incoming {
    /// The body's bytes, within the limit.
    pub(crate) async fn bytes(&mut self) -> Result<Bytes, ApiError> {
        if let Self::Unread(body) = self {
            *self = Self::Read(collect(std::mem::take(body)).await);
        }
        match self {
            Self::Read(read) => read.clone(),
            Self::Unread(_) => Ok(Bytes::new()),
        }
    }
}

/// The body's bytes, within the limit.
pub(crate) async fn collect(mut body: Body) -> Result<Bytes, ApiError> {
    // Most bodies come in one frame, which is kept as it is.
    let (mut first, mut joined, mut seen) = (Bytes::new(), Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ApiError::invalid("The body ended early."))?;
        let Ok(data) = frame.into_data() else { continue };
        seen += data.len();
        if seen <= MAX_BYTES {
            if first.is_empty() {
                first = data;
                continue;
            }
            if joined.is_empty() {
                joined.extend_from_slice(&first);
            }
            joined.extend_from_slice(&data);
        } else if seen > DRAINED_BYTES {
            break;
        }
    }
    if seen > MAX_BYTES {
        let message = format!("The body is larger than {MAX_BYTES} bytes.");
        return Err(ApiError::invalid(message)
            .under(StatusCode::PAYLOAD_TOO_LARGE)
            .with("limit_bytes", MAX_BYTES));
    }
    Ok(if joined.is_empty() { first } else { joined.into() })
}

/// `application/json`, whatever its parameters but a charset other than UTF-8; `+json`; or nothing (EXE-09).
pub(crate) fn takes_media_type(declared: Option<&str>) -> bool {
    let Some(declared) = declared else { return true };
    if declared == "application/json" {
        return true;
    }
    let mut parts = declared.split(';').map(|part| part.trim().to_ascii_lowercase());
    let essence = parts.next().unwrap_or_default();
    let is_json = essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"));
    let foreign_charset = |part: String| {
        let charset = part
            .strip_prefix("charset=")
            .map(|charset| charset.trim_matches('"').to_owned());
        charset.is_some_and(|charset| charset != "utf-8" && charset != "utf8")
    };
    is_json && !parts.any(foreign_charset)
}

/// The members as they stand; serde refuses a member that stands twice. `null` counts as left out.
#[derive(Deserialize)]
struct Members {
    input: Option<Value>,
    connection_id: Option<Value>,
    idempotency_key: Option<Value>,
    dry_run: Option<Value>,
}

/// The members of an execute's body, each of its type.
pub(crate) fn read(bytes: &[u8]) -> Result<ExecuteRequest, ApiError> {
    // serde would read an array as the members in their order.
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(ApiError::invalid("The body must be a JSON object."));
    }
    // What the parser says names a line and a column, nothing of this hub.
    let members: Members = serde_json::from_slice(bytes)
        .map_err(|fault| ApiError::invalid(format!("The body cannot be read as JSON: {fault}.")))?;
    let input = match members.input {
        Some(input @ Value::Object(_)) => input,
        Some(_) => return Err(wrong("input", "must be an object")),
        None => return Err(wrong("input", "is missing")),
    };
    let dry_run = match members.dry_run {
        None => false,
        Some(Value::Bool(dry_run)) => dry_run,
        Some(_) => return Err(wrong("dry_run", "must be a boolean")),
    };
    let idempotency_key = text("idempotency_key", members.idempotency_key)?;
    if let Some(key) = &idempotency_key {
        let length = key.chars().count();
        if !(1..=MAX_KEY_CHARACTERS).contains(&length) || key.chars().any(char::is_control) {
            return Err(wrong("idempotency_key", "must have 1 to 255 printable characters"));
        }
    }
    Ok(ExecuteRequest {
        input,
        connection_id: text("connection_id", members.connection_id)?,
        idempotency_key,
        dry_run,
    })
}

fn text(name: &str, value: Option<Value>) -> Result<Option<String>, ApiError> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(wrong(name, "must be a string")),
    }
}

/// A member of the body that is wrong, and where it is.
fn wrong(member: &str, what: &str) -> ApiError {
    let error = serde_json::json!({"path": format!("/{member}"), "message": what});
    ApiError::invalid(format!("`{member}` {what}.")).with("errors", vec![error])
}
