//! Looks the tool up before the key, so that anyone can learn which tools exist.

use std::sync::Arc;

use http::request::Parts;

use super::Defect;
use crate::catalogue::ApiKey;
use crate::catalogue_view;
use crate::credentials::{self, Face};
use crate::error::ApiError;
use crate::flow::Flow;
use crate::state::HubState;

pub(super) const DEFECT: Defect = Defect {
    name: "unknown-tools-first",
    requirement: "AUTH-08",
    summary: "Looks the tool up before the key, so that anyone can learn which tools exist.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.guard = guard;
}

fn guard(hub: &HubState, head: &Parts, face: Face<'_>) -> Result<Option<Arc<ApiKey>>, ApiError> {
    if let Face::Definition(key) | Face::Execute(key) = face {
        catalogue_view::find(hub, key)?;
    }
    credentials::guard(hub, head, face)
}
