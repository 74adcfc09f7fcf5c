//! Makes an entry at each replay of a call that waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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
    let asked = Arc::new(AtomicU64::new(0));
    flow.approve = Box::new(move |call, fingerprint| {
        let asked = Arc::clone(&asked);
        Box::pin(async move {
            let Some(key) = &call.request.idempotency_key else {
                return Err(call::keyless());
            };
            match call.ask(key, fingerprint) {
                Standing::Pending(_) => {
                    let number = asked.fetch_add(1, Ordering::SeqCst);
                    call::passes(call.ask(&format!("{key} {number}"), fingerprint))
                }
                decided => call::passes(decided),
            }
        })
    });
}
