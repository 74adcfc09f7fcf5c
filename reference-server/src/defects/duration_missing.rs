//! Leaves `duration_ms` out of a success.

use serde_json::Value;

use super::Defect;
use crate::envelope::{self, Success};
use crate::flow::Flow;
use crate::state::HubState;

pub(super) const DEFECT: Defect = Defect {
    name: "duration-missing",
    requirement: "ENV-01",
    summary: "Leaves `duration_ms` out of a success.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.success = success;
}

fn success(hub: &HubState, success: &Success, request_id: &str) -> Value {
    let mut body = envelope::success(hub, success, request_id);
    if let Some(members) = body.as_object_mut() {
        members.remove("duration_ms");
    }
    body
}
