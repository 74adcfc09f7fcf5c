//! A call that has passed every check: what approval, idempotency and the vendor make of it.

use std::sync::{Arc, OnceLock};
use tokio::time::Instant;

use axum::body::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use crate::approvals::{AskedCall, Standing};
use crate::catalogue::{ApiKey, Connection, Tool};
use crate::connectors::{BoxFuture, Data, VendorCall, VendorError};
use crate::envelope::Success;
use crate::error::{ApiError, Code};
use crate::execution::ExecuteRequest;
use crate::idempotency::{Claim, Fingerprint, Scope};
use crate::request_id::RequestId;
use crate::state::HubState;

/// A call that has passed every check.
pub(crate) struct Call {
    pub(crate) hub: Arc<HubState>,
    pub(crate) key: Arc<ApiKey>,
    pub(crate) tool: Arc<Tool>,
    pub(crate) connection: Arc<Connection>,
    pub(crate) request: ExecuteRequest,
    /// The body as it came.
    pub(crate) body: Bytes,
    pub(crate) request_id: RequestId,
    pub(crate) began: Instant,
    /// What the vendor did for an earlier call under its idempotency key that could not be answered.
    pub(crate) made: Option<Box<Value>>,
    /// What became of its change, where it could not be answered.
    pub(crate) unanswered: OnceLock<Unanswered>,
}

/// A change that a call asks for, and that it could not be answered with.
pub(crate) enum Unanswered {
    /// The vendor made it, and told this: the call can be gone on with.
    Made(Box<Value>),
    /// The vendor may have made it, and nobody can tell what it made.
    Untold,
}

impl Call {
    /// Has its effect, at most once for its idempotency key.
    pub(crate) async fn perform(mut self) -> Result<Success, ApiError> {
        let flow = &self.hub.flow;
        let is_gated = (flow.gates)(&self);
        if !is_gated && !self.tool.risk_level.changes_state() {
            return self.call_vendor().await;
        }
        let fingerprint = (flow.fingerprint)(&self);
        if is_gated {
            (flow.approve)(&self, &fingerprint).await?;
        }
        let Some(scope) = (flow.scope)(&self) else {
            return self.call_vendor().await;
        };
        match (flow.claim)(&self, scope, fingerprint).await {
            Claim::Replay(first) => (flow.replay)(&self, *first).await,
            Claim::Conflict => Err(key_conflict()),
            Claim::Refused(error) => Err(*error),
            Claim::First(ticket) => {
                self.made = ticket.made();
                let called = self.call_vendor().await;
                let now = self.hub.clock.now();
                // What was made already is not made again, however often the call is sent (IDM-01).
                match (&called, self.unanswered.get()) {
                    (Ok(success), _) => {
                        self.hub.approvals.spend(ticket.scope());
                        ticket.succeed(success, now);
                    }
                    (Err(_), Some(Unanswered::Made(made))) => ticket.keep(made.clone(), now),
                    (Err(error), Some(Unanswered::Untold)) => {
                        self.hub.approvals.spend(ticket.scope());
                        ticket.fail(error, now);
                    }
                    (Err(_), None) => drop(ticket),
                }
                called
            }
        }
    }

    /// Sends the call to the vendor, and judges what comes back.
    pub(crate) async fn call_vendor(&self) -> Result<Success, ApiError> {
        let flow = &self.hub.flow;
        let carried_out = (flow.carry_out)(self).await;
        match &carried_out {
            Err(VendorError::Unread { made, .. }) => self.leave(Unanswered::Made(made.clone())),
            Err(VendorError::Untold { .. }) => self.leave(Unanswered::Untold),
            _ => {}
        }
        let data = carried_out.map_err(flow.upstream)?;
        if !(flow.is_output)(&self.tool, &data) {
            tracing::warn!(
                tool = self.tool.key,
                "the vendor's data does not match the output schema"
            );
            let mut fault = VendorError::Malformed("it does not match the tool's output".to_owned());
            if self.tool.risk_level.changes_state() {
                self.leave(Unanswered::Untold);
                fault = VendorError::Untold { fault: Box::new(fault) };
            }
            return Err((flow.upstream)(fault));
        }
        let data = (flow.deliver)(data).await;
        Ok(self.success((flow.normalise)(&self.tool, data)))
    }

    fn leave(&self, unanswered: Unanswered) {
        // Whoever calls twice has the first.
        let _ = self.unanswered.set(unanswered);
    }

    /// What the vendor is asked for.
    pub(crate) fn vendor_call(&self) -> VendorCall<'_> {
        VendorCall {
            connection: &self.connection,
            tool: &self.tool,
            input: &self.request.input,
            call_id: &self.request_id,
            now: self.hub.clock.now(),
            made: self.made.as_deref(),
        }
    }

    /// The call's success with this data.
    pub(crate) fn success(&self, data: impl Into<Data>) -> Success {
        Success {
            data: data.into(),
            connection_id: self.connection.id.clone(),
            workspace: self.key.workspace.clone(),
            domain: self.tool.domain.clone(),
            duration: self.began.elapsed(),
            dry_run: self.request.dry_run,
        }
    }

    /// What a dry run is answered with.
    pub(crate) fn plan(&self) -> Success {
        self.success(json!({"dry_run": true, "tool": self.tool.key}))
    }

    /// How the call stands with the approvers; its first asking makes an entry, under this idempotency key.
    pub(crate) fn ask(&self, idempotency_key: &str, fingerprint: &Fingerprint) -> Standing {
        let asked = self.asked(idempotency_key);
        let approvals = &self.hub.approvals;
        approvals.ask(&self.key.workspace, asked, fingerprint, self.hub.clock.now())
    }

    /// Makes an entry for the call, though there may be one.
    pub(crate) fn ask_anew(&self, idempotency_key: &str, fingerprint: &Fingerprint) -> Standing {
        let asked = self.asked(idempotency_key);
        let approvals = &self.hub.approvals;
        approvals.ask_anew(&self.key.workspace, asked, fingerprint, self.hub.clock.now())
    }

    fn asked<'a>(&'a self, idempotency_key: &'a str) -> AskedCall<'a> {
        AskedCall {
            tool: &self.tool.key,
            connection_id: &self.connection.id,
            input: &self.request.input,
            idempotency_key,
            asked_by: &self.key.id,
        }
    }
}

/// A dry run is answered once the call has passed every check, whatever would be asked of a person (DRY-01, DRY-05).
pub(crate) fn rehearse(call: &Call) -> BoxFuture<'_, Option<Result<Success, ApiError>>> {
    Box::pin(async { Some(Ok(call.plan())) })
}

/// Reads are never gated (APR-10), whatever a policy says.
pub(crate) fn gates(call: &Call) -> bool {
    call.hub.is_gated(&call.key.workspace, &call.tool)
}

/// Passes where a person has approved this very call (APR-03, APR-06).
pub(crate) fn approve<'a>(call: &'a Call, fingerprint: &'a Fingerprint) -> BoxFuture<'a, Result<(), ApiError>> {
    Box::pin(async move {
        let Some(idempotency_key) = &call.request.idempotency_key else {
            return Err(keyless());
        };
        // A key that another call has used could never execute this one: nobody is asked for that.
        let scope = (call.key.workspace.clone(), idempotency_key.clone());
        if call.hub.idempotency.is_of_another(&scope, fingerprint) {
            return Err(key_conflict());
        }
        passes(call.ask(idempotency_key, fingerprint))
    })
}

/// Without a key there is no call to come back to, so there is nothing to approve (APR-02).
pub(crate) fn keyless() -> ApiError {
    ApiError::new(
        Code::ApprovalRequired,
        "This call needs approval: send it with an idempotency_key, and replay it once approved.",
    )
}

/// Whether a call that stands like this may execute.
pub(crate) fn passes(standing: Standing) -> Result<(), ApiError> {
    match standing {
        Standing::Approved => Ok(()),
        Standing::Pending(id) => Err(ApiError::new(
            Code::ApprovalRequired,
            "This call waits for approval. Replay it with the same idempotency_key once it is approved.",
        )
        .with("approval_id", id)
        .with("status", "pending")),
        Standing::Rejected(id) => Err(ApiError::new(Code::Forbidden, "This call was rejected.")
            .with("approval_id", id)
            .with("status", "rejected")),
        Standing::OfAnother => Err(key_conflict()),
        Standing::Full => Err(ApiError::new(
            Code::ApprovalRequired,
            "This call needs approval, and too many calls wait for it: send it again once some are decided.",
        )),
    }
}

/// Claims the call's idempotency key. A key that waits for a person's decision on another call belongs to that call, and an approval
/// that was used is not used again, however long ago that was (APR-03, APR-06).
pub(crate) fn claim(call: &Call, scope: Scope, fingerprint: Fingerprint) -> BoxFuture<'_, Claim> {
    Box::pin(async move {
        if call.hub.approvals.is_of_another(&scope, &fingerprint) {
            return Claim::Conflict;
        }
        match claim_unbound(call, scope, fingerprint).await {
            Claim::First(ticket) if call.hub.approvals.is_spent(ticket.scope()) => {
                let message = "The approval of this call was used. Ask again with another idempotency_key.";
                Claim::Refused(Box::new(
                    ApiError::new(Code::ApprovalRequired, message).with("status", "executed"),
                ))
            }
            claimed => claimed,
        }
    })
}

/// Claims the call's idempotency key, whatever the approvals say.
pub(crate) fn claim_unbound(call: &Call, scope: Scope, fingerprint: Fingerprint) -> BoxFuture<'_, Claim> {
    let now = call.hub.clock.now();
    Box::pin(call.hub.idempotency.claim(scope, fingerprint, PartialEq::eq, now))
}

/// A replay is the first answer, in its own time (IDM-01).
pub(crate) fn replay(call: &Call, first: Success) -> BoxFuture<'_, Result<Success, ApiError>> {
    Box::pin(async move {
        Ok(Success {
            duration: call.began.elapsed(),
            ..first
        })
    })
}

/// The vendor account of the connection that was chosen does what the tool does (EXE-12).
pub(crate) fn carry_out(call: &Call) -> BoxFuture<'_, Result<Data, VendorError>> {
    call.hub.connector.execute(call.vendor_call())
}

/// The key belongs to another call (IDM-03).
pub(crate) fn key_conflict() -> ApiError {
    ApiError::invalid("This idempotency_key belongs to another call.")
        .under(StatusCode::CONFLICT)
        .with(
            "errors",
            vec![json!({"path": "/idempotency_key", "message": "belongs to another call"})],
        )
}

/// The vendor's failure in the hub's words: never the vendor's raw answer (UPS-01, UPS-02, UPS-03, UPS-08).
pub(crate) fn upstream(fault: VendorError) -> ApiError {
    let error = ApiError::new(Code::UpstreamError, format!("The call failed: {fault}."));
    match fault {
        VendorError::Status {
            status: 429,
            retry_after,
            ..
        } => {
            let message = "The vendor throttles this connection.";
            let mut throttled = ApiError::new(Code::RateLimited, message).with("vendor_status", 429);
            throttled.retry_after = retry_after;
            throttled
        }
        VendorError::Status { status, message, .. } => {
            error.with("vendor_status", status).with("vendor_message", message)
        }
        VendorError::TimedOut => error.with("reason", "timed_out").under(StatusCode::GATEWAY_TIMEOUT),
        VendorError::Unreachable => error.with("reason", "unreachable"),
        VendorError::Malformed(_) => error.with("reason", "malformed"),
        VendorError::Unsupported => error.with("reason", "unsupported"),
        // As the failure that it is, since the caller got no record; told that a second call would be a second change, unless it has the
        // first one's key.
        VendorError::Unread { fault, .. } => {
            let mut unread = upstream(*fault).with("change", "made");
            unread.message = error.message;
            unread
        }
        VendorError::Untold { fault } => {
            let mut untold = upstream(*fault).with("change", "unknown");
            untold.message = error.message;
            untold
        }
    }
}

/// What a vendor sends is not trusted to be what the tool promises (UPS-05).
pub(crate) fn is_output(tool: &Tool, data: &Data) -> bool {
    tool.output.is_valid(data.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_no_entry_fits_for_is_not_taken_for_one_beyond_a_limit() {
        // RTL-10: RATE_LIMITED says that Remaining is 0, which is untrue here.
        assert_eq!(
            passes(Standing::Full).map_err(|error| error.code),
            Err(Code::ApprovalRequired)
        );
    }
}
