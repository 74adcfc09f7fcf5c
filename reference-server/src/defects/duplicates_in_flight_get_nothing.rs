//! Answers a duplicate of a call on its way with a success that has none of its data.

use serde_json::json;

use super::Defect;
use crate::call;
use crate::flow::Flow;
use crate::idempotency::Claim;
use crate::race_window::race_window;

pub(super) const DEFECT: Defect = Defect {
    name: "duplicates-in-flight-get-nothing",
    requirement: "IDM-02",
    summary: "Answers a duplicate of a call on its way with a success that has none of its data.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.claim = Box::new(|call, scope, fingerprint| {
        Box::pin(async move {
            if call.hub.idempotency.is_running(&scope) {
                return Claim::Replay(Box::new(call.success(json!({"status": "accepted"}))));
            }
            let claimed = call::claim(call, scope, fingerprint).await;
            // A vendor that takes its time: the others come meanwhile.
            race_window().await;
            claimed
        })
    });
}
