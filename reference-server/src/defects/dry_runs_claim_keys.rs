//! Counts `dry_run` to what makes a call the same: after a dry run its idempotency key belongs to another call.

use super::Defect;
use crate::flow::Flow;
use crate::idempotency;

pub(super) const DEFECT: Defect = Defect {
    name: "dry-runs-claim-keys",
    requirement: "IDM-08",
    summary: "Counts `dry_run` to what makes a call the same: after a dry run its idempotency key belongs to another call.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.fingerprint = |call| {
        let mut fingerprint = idempotency::fingerprint(call);
        if call.request.dry_run {
            fingerprint.input.push_str(" dry run");
        }
        fingerprint
    };
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
