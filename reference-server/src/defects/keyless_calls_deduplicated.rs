//! Takes a call without an idempotency key for a replay of an equal one.

use super::Defect;
use crate::flow::Flow;
use crate::idempotency;

pub(super) const DEFECT: Defect = Defect {
    name: "keyless-calls-deduplicated",
    requirement: "IDM-04",
    summary: "Takes a call without an idempotency key for a replay of an equal one.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.scope = |call| {
        let equal = || {
            let fingerprint = idempotency::fingerprint(call);
            (call.key.workspace.clone(), fingerprint.tool + &fingerprint.input)
        };
        Some(idempotency::scope(call).unwrap_or_else(equal))
    };
}
