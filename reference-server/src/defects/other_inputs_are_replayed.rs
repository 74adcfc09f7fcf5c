//! Answers another input under a used idempotency key with the first call's success.

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "other-inputs-are-replayed",
    requirement: "IDM-03",
    summary: "Answers another input under a used idempotency key with the first call's success.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.claim = Box::new(|call, scope, fingerprint| {
        let now = call.hub.clock.now();
        let idempotency = &call.hub.idempotency;
        Box::pin(idempotency.claim(scope, fingerprint, |first, other| first.tool == other.tool, now))
    });
}
