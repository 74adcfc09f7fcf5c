//! A hub that keeps refusals like successes: an idempotency key is spent before its call was executed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::call;
use crate::error::{ApiError, Code};
use crate::flow::Flow;
use crate::idempotency::{Claim, Scope};
use crate::late_checks::members;

/// Keeps refusals of this code as the outcome of their idempotency key, and answers every later call under it with them.
pub(crate) fn keep_refusals(flow: &mut Flow, code: Code) {
    let kept: Arc<Mutex<HashMap<Scope, ApiError>>> = Arc::default();
    let keep = Arc::clone(&kept);
    flow.settle = Box::new(move |mut refusal| {
        let keep = Arc::clone(&keep);
        Box::pin(async move {
            if refusal.error.code == code
                && let Some(caller) = refusal.caller.clone()
                && let Some(members) = members(&mut refusal).await
                && let Some(key) = members.get("idempotency_key").and_then(Value::as_str)
            {
                let scope = (caller.workspace.clone(), key.to_owned());
                let mut kept = keep.lock().unwrap_or_else(PoisonError::into_inner);
                kept.entry(scope).or_insert_with(|| refusal.error.clone());
            }
            Err(refusal.error)
        })
    });
    flow.claim = Box::new(move |call, scope, fingerprint| {
        let first = {
            let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.get(&scope).cloned()
        };
        match first {
            Some(refusal) => Box::pin(std::future::ready(Claim::Refused(Box::new(refusal)))),
            None => call::claim(call, scope, fingerprint),
        }
    });
}
