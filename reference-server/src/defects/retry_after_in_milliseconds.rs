//! Sends `Retry-After` in milliseconds.

use super::Defect;
use crate::flow::Flow;
use crate::limits;

pub(super) const DEFECT: Defect = Defect {
    name: "retry-after-in-milliseconds",
    requirement: "RTL-06",
    summary: "Sends `Retry-After` in milliseconds.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.throttle = |quota, now| {
        let mut refusal = limits::refuse(quota, now);
        refusal.retry_after = refusal.retry_after.map(|wait| wait * 1000);
        refusal
    };
}
