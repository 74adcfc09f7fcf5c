//! Refuses a duplicate of a call on its way, and every later one: the success is never told again.

use super::Defect;
use crate::call;
use crate::flow::Flow;
use crate::idempotency::Claim;
use crate::idempotency::Scope;
use crate::race_window::race_window;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

pub(super) const DEFECT: Defect = Defect {
    name: "duplicates-spoil-the-key",
    requirement: "IDM-02",
    summary: "Refuses a duplicate of a call on its way, and every later one: the success is never told again.",
    plant,
};

fn plant(flow: &mut Flow) {
    let spoilt: Arc<Mutex<HashSet<Scope>>> = Arc::default();
    flow.claim = Box::new(move |call, scope, fingerprint| {
        let spoilt = Arc::clone(&spoilt);
        Box::pin(async move {
            let is_spoilt = {
                let mut spoilt = spoilt.lock().unwrap_or_else(PoisonError::into_inner);
                if call.hub.idempotency.is_running(&scope) {
                    spoilt.insert(scope.clone());
                }
                spoilt.contains(&scope)
            };
            if is_spoilt {
                return Claim::Conflict;
            }
            let claimed = call::claim(call, scope, fingerprint).await;
            // A vendor that takes its time: the others come meanwhile.
            race_window().await;
            claimed
        })
    });
}
