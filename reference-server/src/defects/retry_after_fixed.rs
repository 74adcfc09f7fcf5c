//! Sends every 429 with a `Retry-After` of a minute, whatever Reset says.

use std::time::Duration;

use super::Defect;
use crate::flow::Flow;
use crate::limits;

pub(super) const DEFECT: Defect = Defect {
    name: "retry-after-fixed",
    requirement: "RTL-06",
    summary: "Sends every 429 with a `Retry-After` of a minute, whatever Reset says.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.throttle = |quota, now| {
        let mut refusal = limits::refuse(quota, now);
        refusal.retry_after = Some(Duration::from_secs(60));
        refusal
    };
}
