//! Takes the approval of an idempotency key for the call of another tool.

use super::Defect;
use crate::approvals::Status;
use crate::call;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "approvals-for-any-tool",
    requirement: "APR-06",
    summary: "Takes the approval of an idempotency key for the call of another tool.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.approve = Box::new(|call, fingerprint| {
        let is_approved = call.hub.approvals.any(|workspace, own, entry| {
            workspace == call.key.workspace
                && entry.status == Status::Approved
                && call.request.idempotency_key.as_ref() == Some(&entry.idempotency_key)
                && (own.tool != fingerprint.tool || own == fingerprint)
        });
        if is_approved {
            return Box::pin(std::future::ready(Ok(())));
        }
        call::approve(call, fingerprint)
    });
    flow.claim = Box::new(call::claim_unbound);
}
