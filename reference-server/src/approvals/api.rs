//! Approvals over REST, for keys that may decide: list, look at, approve, reject.

use std::sync::Arc;

use http::StatusCode;
use http::request::Parts;
use serde_json::{Value, json};

use super::{Status, Undecidable};
use crate::catalogue::ApiKey;
use crate::credentials::Face;
use crate::error::{ApiError, Code};
use crate::state::HubState;

/// `GET /approvals?status=…`
pub(crate) fn list(hub: &HubState, head: &Parts) -> Result<Value, ApiError> {
    let approver = approver(hub, head)?;
    let query = head.uri.query().unwrap_or_default();
    let status = form_urlencoded::parse(query.as_bytes()).find_map(|(name, value)| (name == "status").then_some(value));
    let status = match status.as_deref() {
        None => None,
        Some("pending") => Some(Status::Pending),
        Some("approved") => Some(Status::Approved),
        Some("rejected") => Some(Status::Rejected),
        Some(_) => return Err(ApiError::invalid("`status` is one of pending, approved, rejected.")),
    };
    Ok(json!({"approvals": hub.approvals.list(&approver.workspace, status)}))
}

/// `GET /approvals/{id}`
pub(crate) fn get(hub: &HubState, head: &Parts, id: &str) -> Result<Value, ApiError> {
    let approver = approver(hub, head)?;
    let approval = hub.approvals.get(&approver.workspace, id).ok_or_else(unknown)?;
    Ok(json!({"approval": approval}))
}

/// `POST /approvals/{id}/approve` and `/reject`
pub(crate) fn decide(hub: &Arc<HubState>, head: &Parts, id: &str, decision: Status) -> Result<Value, ApiError> {
    let approver = approver(hub, head)?;
    decide_as(hub, &approver, id, decision).map(|approval| json!({"approval": approval}))
}

/// Decides for a person who is known.
pub(super) fn decide_as(hub: &Arc<HubState>, approver: &ApiKey, id: &str, decision: Status) -> Result<Value, ApiError> {
    let decided = hub
        .approvals
        .decide(&approver.workspace, id, decision, &approver.id, hub.clock.now());
    match decided {
        Ok(approval) => {
            (hub.flow.decided)(hub, &approval);
            Ok(json!(approval))
        }
        Err(Undecidable::Unknown) => Err(unknown()),
        Err(Undecidable::Decided(status)) => {
            let message = format!("This call was {} before.", status.name());
            Err(ApiError::invalid(message)
                .under(StatusCode::CONFLICT)
                .with("status", status.name()))
        }
    }
}

fn approver(hub: &HubState, head: &Parts) -> Result<Arc<ApiKey>, ApiError> {
    let key = (hub.flow.guard)(hub, head, Face::Approvals)?;
    key.filter(|key| key.approver)
        .ok_or_else(|| ApiError::new(Code::Forbidden, "This API key may not decide approvals."))
}

fn unknown() -> ApiError {
    ApiError::new(Code::ApprovalNotFound, "There is no approval with this id.")
}
