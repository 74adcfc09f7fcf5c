//! Leaves `duration_ms` out of a success.

use super::Defect;
use crate::envelope::{self, Payload, Success};
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

fn success(_hub: &HubState, success: &Success, request_id: &str) -> Payload {
    let mut body = envelope::success_members(success, request_id);
    if let Some(members) = body.as_object_mut() {
        members.remove("duration_ms");
    }
    Payload::Json(body)
}
