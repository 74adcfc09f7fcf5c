//! Serves definitions to callers without a key.

use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::request::Parts;

use super::Defect;
use crate::catalogue::ApiKey;
use crate::credentials::{self, Face};
use crate::error::ApiError;
use crate::flow::Flow;
use crate::state::HubState;

pub(super) const DEFECT: Defect = Defect {
    name: "anonymous-definitions",
    requirement: "AUTH-01",
    summary: "Serves definitions to callers without a key.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.guard = guard;
}

fn guard(hub: &HubState, head: &Parts, face: Face<'_>) -> Result<Option<Arc<ApiKey>>, ApiError> {
    match face {
        Face::Definition(_) if !head.headers.contains_key(AUTHORIZATION) => Ok(None),
        _ => credentials::guard(hub, head, face),
    }
}
