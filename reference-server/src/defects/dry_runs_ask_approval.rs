//! Makes an approval entry for a dry run of a gated tool.

use super::Defect;
use crate::call;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "dry-runs-ask-approval",
    requirement: "DRY-05",
    summary: "Makes an approval entry for a dry run of a gated tool.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.rehearse = Box::new(|call| {
        Box::pin(async move {
            if !(call.hub.flow.gates)(call) {
                return Some(Ok(call.plan()));
            }
            let key = call.request.idempotency_key.as_deref().unwrap_or(&call.request_id);
            let standing = call.ask(key, &(call.hub.flow.fingerprint)(call));
            Some(call::passes(standing).map(|()| call.plan()))
        })
    });
}
