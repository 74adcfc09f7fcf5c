//! Takes an approval for every call of the same tool and input, under another idempotency key as well.

use super::Defect;
use crate::approvals::Status;
use crate::call;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "equal-inputs-share-approvals",
    requirement: "APR-07",
    summary: "Takes an approval for every call of the same tool and input, under another idempotency key as well.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.approve = Box::new(|call, fingerprint| {
        let is_equal = call.hub.approvals.any(|workspace, own, entry| {
            workspace == call.key.workspace && own == fingerprint && entry.status == Status::Approved
        });
        if is_equal {
            return Box::pin(std::future::ready(Ok(())));
        }
        call::approve(call, fingerprint)
    });
}
