//! Tells 50 ms more as `duration_ms` than a call took, so that the hub seems to spend less than nothing.

use super::Defect;
use crate::envelope::{self, Payload};
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "duration-inflated",
    requirement: "LAT-03",
    summary: "Tells 50 ms more as `duration_ms` than a call took: the hub seems to spend less than nothing beside the vendor.",
    plant,
};

const MORE_MS: u64 = 50;

fn plant(flow: &mut Flow) {
    flow.success = |_, success, request_id| {
        let mut body = envelope::success_members(success, request_id);
        let truth = body["duration_ms"].as_u64().unwrap_or_default();
        body["duration_ms"] = truth.saturating_add(MORE_MS).into();
        Payload::Json(body)
    };
}
