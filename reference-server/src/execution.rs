//! Executes a tool (reference: Executing a tool): every step of one call, in order.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use serde_json::{Value, json};

use crate::approvals::Standing;
use crate::body;
use crate::catalogue::{ApiKey, Connection, Tool};
use crate::connectors::{VendorCall, VendorError};
use crate::envelope::Success;
use crate::error::{ApiError, Code};
use crate::idempotency::{Claim, Fingerprint};
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

/// A call that has passed every check.
struct Call {
    hub: Arc<HubState>,
    key: Arc<ApiKey>,
    tool: Arc<Tool>,
    connection: Arc<Connection>,
    request: ExecuteRequest,
    request_id: String,
    began: Instant,
}

/// Executes a tool for a caller whose quota is already taken.
pub(crate) async fn execute(
    hub: &Arc<HubState>,
    key: Arc<ApiKey>,
    head: &Parts,
    tool_key: &str,
    body: Body,
    request_id: &str,
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
    let request = (flow.read)(&body::collect(body).await?)?;
    (flow.validate)(&tool, &request.input)?;
    let connection = (flow.route)(hub, &key, &tool, request.connection_id.as_deref())?;
    let call = Call {
        hub: Arc::clone(hub),
        key,
        tool,
        connection,
        request,
        request_id: request_id.to_owned(),
        began,
    };
    if call.request.dry_run {
        let planned = json!({"dry_run": true, "tool": call.tool.key});
        return Ok(call.success(planned));
    }
    // A task of its own: a caller that hangs up must not leave a call half done, or its key claimed for ever.
    let done = tokio::spawn(call.perform()).await;
    done.unwrap_or_else(|_| Err(ApiError::new(Code::InternalError, "The call failed inside the hub.")))
}

impl Call {
    async fn perform(self) -> Result<Success, ApiError> {
        if !self.tool.risk_level.changes_state() {
            return self.call_vendor().await;
        }
        let fingerprint = Fingerprint::of(
            &self.tool.key,
            self.request.connection_id.as_deref(),
            &self.request.input,
        );
        if self.hub.is_gated(&self.key.workspace, &self.tool) {
            self.ask_approval(&fingerprint)?;
        }
        let Some(idempotency_key) = &self.request.idempotency_key else {
            return self.call_vendor().await;
        };
        let scope = (self.key.workspace.clone(), idempotency_key.clone());
        match self
            .hub
            .idempotency
            .claim(scope, fingerprint, self.hub.clock.now())
            .await
        {
            Claim::Replay(first) => Ok(Success {
                duration: self.began.elapsed(),
                ..*first
            }),
            Claim::Conflict => Err(key_conflict()),
            Claim::First(ticket) => {
                let success = self.call_vendor().await?;
                ticket.succeed(&success, self.hub.clock.now());
                Ok(success)
            }
        }
    }

    /// Passes where a person has approved this very call (APR-03, APR-06).
    fn ask_approval(&self, fingerprint: &Fingerprint) -> Result<(), ApiError> {
        let needed = |message: &str| ApiError::new(Code::ApprovalRequired, message);
        let Some(idempotency_key) = &self.request.idempotency_key else {
            // Without a key there is no call to come back to, so there is nothing to approve (APR-02).
            return Err(needed(
                "This call needs approval: send it with an idempotency_key, and replay it once approved.",
            ));
        };
        let call = crate::approvals::AskedCall {
            tool: &self.tool.key,
            connection_id: &self.connection.id,
            input: &self.request.input,
            idempotency_key,
            asked_by: &self.key.id,
        };
        let standing = self
            .hub
            .approvals
            .ask(&self.key.workspace, call, fingerprint, self.hub.clock.now());
        match standing {
            Standing::Approved => Ok(()),
            Standing::Pending(id) => Err(needed(
                "This call waits for approval. Replay it with the same idempotency_key once it is approved.",
            )
            .with("approval_id", id)
            .with("status", "pending")),
            Standing::Rejected(id) => Err(ApiError::new(Code::Forbidden, "This call was rejected.")
                .with("approval_id", id)
                .with("status", "rejected")),
            Standing::OfAnother => Err(key_conflict()),
            Standing::Full => Err(ApiError::new(Code::RateLimited, "Too many calls wait for approval.")),
        }
    }

    async fn call_vendor(&self) -> Result<Success, ApiError> {
        let vendor_call = VendorCall {
            connection: &self.connection,
            tool: &self.tool,
            input: &self.request.input,
            call_id: &self.request_id,
            now: self.hub.clock.now(),
        };
        let data = self.hub.connector.execute(vendor_call).await.map_err(upstream)?;
        // What a vendor sends is not trusted to be what the tool promises (UPS-05).
        if !self.tool.output.is_valid(&data) {
            tracing::warn!(
                tool = self.tool.key,
                "the vendor's data does not match the output schema"
            );
            return Err(upstream(VendorError::Malformed(
                "it does not match the tool's output".to_owned(),
            )));
        }
        let data = (self.hub.flow.deliver)(data).await;
        Ok(self.success((self.hub.flow.normalise)(&self.tool, data)))
    }

    fn success(&self, data: Value) -> Success {
        Success {
            data,
            connection_id: self.connection.id.clone(),
            workspace: self.key.workspace.clone(),
            domain: self.tool.domain.clone(),
            duration: self.began.elapsed(),
            dry_run: self.request.dry_run,
        }
    }
}

fn key_conflict() -> ApiError {
    ApiError::invalid("This idempotency_key belongs to another call.")
        .under(StatusCode::CONFLICT)
        .with(
            "errors",
            vec![json!({"path": "/idempotency_key", "message": "belongs to another call"})],
        )
}

/// The vendor's failure in the hub's words: never the vendor's raw answer (UPS-01, UPS-03, UPS-08).
fn upstream(fault: VendorError) -> ApiError {
    let error = ApiError::new(Code::UpstreamError, format!("The call failed: {fault}."));
    match fault {
        VendorError::Status { status: 429, .. } => {
            ApiError::new(Code::RateLimited, "The vendor throttles this connection.").with("vendor_status", 429)
        }
        VendorError::Status { status, message } => error.with("vendor_status", status).with("vendor_message", message),
        VendorError::TimedOut => error.with("reason", "timed_out").under(StatusCode::GATEWAY_TIMEOUT),
        VendorError::Unreachable => error.with("reason", "unreachable"),
        VendorError::Malformed(_) => error.with("reason", "malformed"),
    }
}
