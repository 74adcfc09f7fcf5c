//! Answers with an approval id, and makes no entry.

use super::Defect;
use crate::approvals::Standing;
use crate::call;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "asking-makes-no-entry",
    requirement: "APR-02",
    summary: "Answers with an approval id, and makes no entry.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.approve = Box::new(|call, _| {
        let Some(key) = &call.request.idempotency_key else {
            return Box::pin(std::future::ready(Err(call::keyless())));
        };
        let id = format!("apr_{key}");
        Box::pin(std::future::ready(call::passes(Standing::Pending(id))))
    });
}
