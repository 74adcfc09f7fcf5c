//! Lets any decision pass a call, a rejection as well.

use super::Defect;
use crate::approvals::Standing;
use crate::call;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "rejected-calls-execute",
    requirement: "APR-05",
    summary: "Lets any decision pass a call, a rejection as well.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.approve = Box::new(|call, fingerprint| {
        Box::pin(async move {
            let Some(key) = &call.request.idempotency_key else {
                return Err(call::keyless());
            };
            match call.ask(key, fingerprint) {
                Standing::Rejected(_) => Ok(()),
                standing => call::passes(standing),
            }
        })
    });
}
