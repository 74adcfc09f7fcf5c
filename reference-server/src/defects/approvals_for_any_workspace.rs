//! Takes an approval of one workspace for the same call of another.

use super::Defect;
use crate::approvals::Status;
use crate::call;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "approvals-for-any-workspace",
    requirement: "APR-06",
    summary: "Takes an approval of one workspace for the same call of another.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.approve = Box::new(|call, fingerprint| {
        let is_approved = call.hub.approvals.any(|_, own, entry| {
            entry.status == Status::Approved
                && call.request.idempotency_key.as_ref() == Some(&entry.idempotency_key)
                && own == fingerprint
        });
        if is_approved {
            return Box::pin(std::future::ready(Ok(())));
        }
        call::approve(call, fingerprint)
    });
    flow.claim = Box::new(call::claim_unbound);
}
