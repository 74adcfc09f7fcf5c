//! Looks for an entry and makes one later: calls that come at once make one each.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::Defect;
use crate::call;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "waiting-duplicates-race",
    requirement: "APR-04",
    summary: "Looks for an entry and makes one later: calls that come at once make one each.",
    plant,
};

fn plant(flow: &mut Flow) {
    let asked = Arc::new(AtomicU64::new(0));
    flow.approve = Box::new(move |call, fingerprint| {
        let asked = Arc::clone(&asked);
        Box::pin(async move {
            let Some(key) = &call.request.idempotency_key else {
                return Err(call::keyless());
            };
            let is_there = || {
                let approvals = &call.hub.approvals;
                approvals.any(|workspace, _, entry| workspace == call.key.workspace && entry.idempotency_key == *key)
            };
            if is_there() {
                return call::approve(call, fingerprint).await;
            }
            // The way to a database and back.
            tokio::time::sleep(Duration::from_millis(20)).await;
            if !is_there() {
                return call::passes(call.ask(key, fingerprint));
            }
            let number = asked.fetch_add(1, Ordering::SeqCst);
            call::passes(call.ask(&format!("{key} {number}"), fingerprint))
        })
    });
}
