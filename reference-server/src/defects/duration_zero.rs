//! Reaches its vendors over a slow line, 20 ms away, and tells 0 as `duration_ms` of every success.

use std::time::Duration;

use tokio::time::sleep;

use super::Defect;
use crate::call;
use crate::envelope::{self, Payload};
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "duration-zero",
    requirement: "LAT-03",
    summary: "Reaches its vendors over a line of 20 ms, and tells 0 as `duration_ms` of every success.",
    plant,
};

const LINE: Duration = Duration::from_millis(20);

fn plant(flow: &mut Flow) {
    flow.carry_out = Box::new(|call| {
        Box::pin(async move {
            sleep(LINE).await;
            call::carry_out(call).await
        })
    });
    flow.success = |_, success, request_id| {
        let mut body = envelope::success_members(success, request_id);
        body["duration_ms"] = 0.into();
        Payload::Json(body)
    };
}
