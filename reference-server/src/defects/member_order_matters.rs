//! Takes an input whose members stand in another order for another input.

use super::Defect;
use crate::flow::Flow;
use crate::idempotency;

pub(super) const DEFECT: Defect = Defect {
    name: "member-order-matters",
    requirement: "IDM-11",
    summary: "Takes an input whose members stand in another order for another input.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.fingerprint = |call| {
        let mut fingerprint = idempotency::fingerprint(call);
        fingerprint.input = call.request.input.to_string();
        fingerprint
    };
}
