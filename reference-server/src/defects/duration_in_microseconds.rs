//! Reports microseconds as `duration_ms`.

use serde_json::Value;

use super::Defect;
use crate::envelope::{self, Payload, Success};
use crate::flow::Flow;
use crate::state::HubState;

pub(super) const DEFECT: Defect = Defect {
    name: "duration-in-microseconds",
    requirement: "ENV-07",
    summary: "Reports microseconds as `duration_ms`.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.success = success;
}

fn success(_hub: &HubState, success: &Success, request_id: &str) -> Payload {
    let mut body = envelope::success_members(success, request_id);
    body["duration_ms"] = Value::from(u64::try_from(success.duration.as_micros()).unwrap_or(u64::MAX));
    Payload::Json(body)
}
