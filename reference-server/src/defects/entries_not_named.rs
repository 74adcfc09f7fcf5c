//! Says APPROVAL_REQUIRED with empty details.

use super::Defect;
use crate::call;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "entries-not-named",
    requirement: "APR-09",
    summary: "Says APPROVAL_REQUIRED with empty details.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.approve = Box::new(|call, fingerprint| {
        Box::pin(async move {
            call::approve(call, fingerprint).await.map_err(|mut refusal| {
                refusal.details.clear();
                refusal
            })
        })
    });
}
