//! Takes a call for a replay of an equal one, though its idempotency key is another.

use super::Defect;
use crate::flow::Flow;
use crate::idempotency;

pub(super) const DEFECT: Defect = Defect {
    name: "equal-inputs-deduplicated",
    requirement: "IDM-04",
    summary: "Takes a call for a replay of an equal one, though its idempotency key is another.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.scope = |call| {
        let (workspace, _) = idempotency::scope(call)?;
        let fingerprint = idempotency::fingerprint(call);
        Some((workspace, fingerprint.tool + &fingerprint.input))
    };
}
