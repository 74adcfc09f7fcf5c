//! Looks for an entry and makes one later: calls that come at once make one each.

use super::Defect;
use crate::call;
use crate::flow::Flow;
use crate::race_window::race_window;

pub(super) const DEFECT: Defect = Defect {
    name: "waiting-duplicates-race",
    requirement: "APR-04",
    summary: "Looks for an entry and makes one later: calls that come at once make one each.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.approve = Box::new(|call, fingerprint| {
        Box::pin(async move {
            let Some(key) = &call.request.idempotency_key else {
                return Err(call::keyless());
            };
            let approvals = &call.hub.approvals;
            if approvals.any(|workspace, _, entry| workspace == call.key.workspace && entry.idempotency_key == *key) {
                return call::approve(call, fingerprint).await;
            }
            // The way to a database and back.
            race_window().await;
            call::passes(call.ask_anew(key, fingerprint))
        })
    });
}
