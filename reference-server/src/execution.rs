//! Executes a tool (reference: Executing a tool): every check of one call, in order.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};
use tokio::time::Instant;

use futures::FutureExt;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use serde_json::Value;

use crate::body::Incoming;
use crate::call::Call;
use crate::catalogue::ApiKey;
use crate::connectors::BoxFuture;
use crate::envelope::Success;
use crate::error::{ApiError, Code};
use crate::request_id::RequestId;
use crate::state::HubState;

/// The members of an execute's body.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ExecuteRequest {
    /// The tool's input: an object.
    pub(crate) input: Value,
    pub(crate) connection_id: Option<String>,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) dry_run: bool,
}

/// An execute that is refused, by whatever step.
pub(crate) struct Refusal<'a> {
    pub(crate) hub: &'a Arc<HubState>,
    pub(crate) head: &'a Parts,
    /// The key, if it got in.
    pub(crate) caller: Option<Arc<ApiKey>>,
    /// The key of the tool, as the path names it.
    pub(crate) tool: &'a str,
    pub(crate) body: &'a mut Incoming,
    pub(crate) request_id: RequestId,
    /// Why.
    pub(crate) error: ApiError,
}

/// A refused call is answered with its refusal, and nothing else happens (AUTH-07, EXE-11, RTL-05).
pub(crate) fn settle(refusal: Refusal<'_>) -> BoxFuture<'_, Result<Success, ApiError>> {
    Box::pin(std::future::ready(Err(refusal.error)))
}

/// Executes a tool for a caller whose quota is already taken.
pub(crate) async fn execute(
    hub: &Arc<HubState>,
    key: Arc<ApiKey>,
    head: &Parts,
    tool_key: &str,
    body: &mut Incoming,
    request_id: RequestId,
) -> Result<Success, ApiError> {
    let began = Instant::now();
    let flow = &hub.flow;
    let tool = (flow.find_tool)(hub, tool_key)?;
    if !(flow.permits)(&key, &tool) {
        return Err(ApiError::new(Code::Forbidden, "This API key may not call this tool."));
    }
    let media_type = head
        .headers
        .get(CONTENT_TYPE)
        .map(|value| value.to_str().unwrap_or_default());
    if !(flow.takes_media_type)(media_type) {
        let refusal = ApiError::invalid("The body must be declared as application/json.");
        return Err(refusal.under(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let body = body.bytes().await?;
    let request = (flow.read)(&body)?;
    (flow.validate)(&tool, &request.input)?;
    let connection = (flow.route)(hub, &key, &tool, request.connection_id.as_deref())?;
    let call = Call {
        hub: Arc::clone(hub),
        key,
        tool,
        connection,
        request,
        body,
        request_id,
        began,
        made: None,
        unanswered: OnceLock::new(),
    };
    if call.request.dry_run
        && let Some(rehearsed) = (flow.rehearse)(&call).await
    {
        return rehearsed;
    }
    let done = if call.tool.risk_level.changes_state() {
        // A task of its own: a caller that hangs up must not leave a call half done, or its key claimed for ever.
        tokio::spawn(call.perform()).await.ok()
    } else {
        AssertUnwindSafe(call.perform()).catch_unwind().await.ok()
    };
    done.unwrap_or_else(|| Err(ApiError::new(Code::InternalError, "The call failed inside the hub.")))
}
