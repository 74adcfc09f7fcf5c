//! Executes an approved call at each of its replays.

use super::Defect;
use crate::call;
use crate::flow::Flow;
use crate::idempotency::Claim;

pub(super) const DEFECT: Defect = Defect {
    name: "approved-calls-act-each-time",
    requirement: "APR-03",
    summary: "Executes an approved call at each of its replays.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.claim = Box::new(|call, scope, fingerprint| {
        if (call.hub.flow.gates)(call) {
            let ticket = call.hub.idempotency.begin(scope, fingerprint);
            return Box::pin(std::future::ready(Claim::First(ticket)));
        }
        call::claim(call, scope, fingerprint)
    });
}
