//! Records an idempotency key when its call begins: a retry of a call that failed at the vendor is answered as if it had been done.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;

use super::Defect;
use crate::call;
use crate::flow::Flow;
use crate::idempotency::{Claim, Scope};

pub(super) const DEFECT: Defect = Defect {
    name: "failed-calls-count-as-done",
    requirement: "IDM-09",
    summary: "Records an idempotency key when its call begins: a retry of a call that failed at the vendor is answered as if it had been done.",
    plant,
};

fn plant(flow: &mut Flow) {
    let begun: Arc<Mutex<HashSet<Scope>>> = Arc::default();
    flow.claim = Box::new(move |call, scope, fingerprint| {
        let is_first = begun
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(scope.clone());
        let keys = &call.hub.idempotency;
        if !is_first && !keys.is_running(&scope) && keys.success(&scope).is_none() {
            let done = Claim::Replay(Box::new(call.success(json!({"status": "accepted"}))));
            return Box::pin(std::future::ready(done));
        }
        call::claim(call, scope, fingerprint)
    });
}
