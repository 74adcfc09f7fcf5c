//! Takes the approval of one call for an approval of its tool: every later call of it executes.

use super::Defect;
use crate::approvals::Status;
use crate::call;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "approved-tools-stay-open",
    requirement: "APR-07",
    summary: "Takes the approval of one call for an approval of its tool: every later call of it executes.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.approve = Box::new(|call, fingerprint| {
        let is_open = call.hub.approvals.any(|workspace, own, entry| {
            workspace == call.key.workspace && own.tool == fingerprint.tool && entry.status == Status::Approved
        });
        if is_open {
            return Box::pin(std::future::ready(Ok(())));
        }
        call::approve(call, fingerprint)
    });
}
