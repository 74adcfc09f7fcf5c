//! Answers a dry run of a gated tool with success, and makes an approval entry beside.

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "dry-runs-leave-entries",
    requirement: "DRY-05",
    summary: "Answers a dry run of a gated tool with success, and makes an approval entry beside.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.rehearse = Box::new(|call| {
        Box::pin(async move {
            if (call.hub.flow.gates)(call) {
                let key = call.request.idempotency_key.as_deref().unwrap_or(&call.request_id);
                call.ask(key, &(call.hub.flow.fingerprint)(call));
            }
            Some(Ok(call.plan()))
        })
    });
}
