//! Answers another tool's call under a used idempotency key with the first tool's success.

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "other-tools-are-replayed",
    requirement: "IDM-06",
    summary: "Answers another tool's call under a used idempotency key with the first tool's success.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.claim = Box::new(|call, scope, fingerprint| {
        let now = call.hub.clock.now();
        // Inputs are compared within a tool; what tool it is, is not.
        Box::pin(call.hub.idempotency.claim(
            scope,
            fingerprint,
            |first, other| first.tool != other.tool || first == other,
            now,
        ))
    });
}
