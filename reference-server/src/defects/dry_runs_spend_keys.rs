//! Keeps what a dry run is answered with: the call itself is taken for its replay.

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "dry-runs-spend-keys",
    requirement: "IDM-08",
    summary: "Keeps what a dry run is answered with: the call itself is taken for its replay.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.rehearse = Box::new(|call| {
        Box::pin(async move {
            let planned = call.plan();
            if let Some(scope) = (call.hub.flow.scope)(call)
                && call.hub.idempotency.success(&scope).is_none()
            {
                let ticket = call.hub.idempotency.begin(scope, (call.hub.flow.fingerprint)(call));
                ticket.succeed(&planned, call.hub.clock.now());
            }
            Some(Ok(planned))
        })
    });
}
