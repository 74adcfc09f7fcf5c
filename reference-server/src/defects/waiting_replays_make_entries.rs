//! Makes an entry at each replay of a call that waits.

use super::Defect;
use crate::approvals::Standing;
use crate::call;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "waiting-replays-make-entries",
    requirement: "APR-04",
    summary: "Makes an entry at each replay of a call that waits.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.approve = Box::new(|call, fingerprint| {
        Box::pin(async move {
            let Some(key) = &call.request.idempotency_key else {
                return Err(call::keyless());
            };
            let approvals = &call.hub.approvals;
            let is_replay =
                approvals.any(|workspace, _, entry| workspace == call.key.workspace && entry.idempotency_key == *key);
            call::passes(match call.ask(key, fingerprint) {
                Standing::Pending(_) if is_replay => call.ask_anew(key, fingerprint),
                standing => standing,
            })
        })
    });
}
