//! Refuses the replay of a call that waits as a conflict.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::Defect;
use crate::call;
use crate::error::Code;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "waiting-replays-conflict",
    requirement: "APR-04",
    summary: "Refuses the replay of a call that waits as a conflict.",
    plant,
};

fn plant(flow: &mut Flow) {
    let waiting: Arc<Mutex<HashSet<String>>> = Arc::default();
    flow.approve = Box::new(move |call, fingerprint| {
        let waiting = Arc::clone(&waiting);
        Box::pin(async move {
            let passed = call::approve(call, fingerprint).await;
            match (&passed, &call.request.idempotency_key) {
                (Err(refusal), Some(key)) if refusal.code == Code::ApprovalRequired => {
                    let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
                    if waiting.insert(key.clone()) {
                        passed
                    } else {
                        Err(call::key_conflict())
                    }
                }
                _ => passed,
            }
        })
    });
}
