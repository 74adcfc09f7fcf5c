//! Marks an approval as used when its call has executed: replays that come at once execute, too.

use super::Defect;
use crate::call;
use crate::flow::Flow;
use crate::idempotency::Claim;
use crate::race_window::race_window;

pub(super) const DEFECT: Defect = Defect {
    name: "approved-replays-race",
    requirement: "APR-03",
    summary: "Marks an approval as used when its call has executed: replays that come at once execute, too.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.claim = Box::new(|call, scope, fingerprint| {
        Box::pin(async move {
            if !(call.hub.flow.gates)(call) || call.hub.idempotency.success(&scope).is_some() {
                return call::claim(call, scope, fingerprint).await;
            }
            // A vendor that takes its time: the others come meanwhile.
            race_window().await;
            Claim::First(call.hub.idempotency.begin(scope, fingerprint))
        })
    });
}
