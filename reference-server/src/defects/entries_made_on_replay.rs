//! Makes the entry of a gated call when it is replayed, not when it is first asked for.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::Defect;
use crate::approvals::Standing;
use crate::call;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "entries-made-on-replay",
    requirement: "APR-02",
    summary: "Makes the entry of a gated call when it is replayed, not when it is first asked for.",
    plant,
};

fn plant(flow: &mut Flow) {
    let seen: Arc<Mutex<HashSet<String>>> = Arc::default();
    flow.approve = Box::new(move |call, fingerprint| {
        let key = call.request.idempotency_key.clone().unwrap_or_default();
        let is_first = seen.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone());
        if is_first && !key.is_empty() {
            let standing = Standing::Pending(format!("apr_{key}"));
            return Box::pin(std::future::ready(call::passes(standing)));
        }
        call::approve(call, fingerprint)
    });
}
