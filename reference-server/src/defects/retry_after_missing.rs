//! Sends a 429 without `Retry-After`.

use super::Defect;
use crate::flow::Flow;
use crate::limits;

pub(super) const DEFECT: Defect = Defect {
    name: "retry-after-missing",
    requirement: "RTL-06",
    summary: "Sends a 429 without `Retry-After`.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.throttle = |quota, now| {
        let mut refusal = limits::refuse(quota, now);
        refusal.retry_after = None;
        refusal
    };
}
