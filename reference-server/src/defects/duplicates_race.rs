//! Looks an idempotency key up and records it later: duplicates that come in between execute, too.

use super::Defect;
use crate::call;
use crate::flow::Flow;
use crate::idempotency::Claim;
use crate::race_window::race_window;

pub(super) const DEFECT: Defect = Defect {
    name: "duplicates-race",
    requirement: "IDM-02",
    summary: "Looks an idempotency key up and records it later: duplicates that come in between execute, too.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.claim = Box::new(|call, scope, fingerprint| {
        Box::pin(async move {
            if call.hub.idempotency.success(&scope).is_some() {
                return call::claim(call, scope, fingerprint).await;
            }
            // The way to a database and back.
            race_window().await;
            Claim::First(call.hub.idempotency.begin(scope, fingerprint))
        })
    });
}
