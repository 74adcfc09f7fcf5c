//! Tells of a rejection once: the second replay of a rejected call executes.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::Defect;
use crate::call;
use crate::error::Code;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "rejections-wear-off",
    requirement: "APR-05",
    summary: "Tells of a rejection once: the second replay of a rejected call executes.",
    plant,
};

fn plant(flow: &mut Flow) {
    let told: Arc<Mutex<HashSet<String>>> = Arc::default();
    flow.approve = Box::new(move |call, fingerprint| {
        let told = Arc::clone(&told);
        Box::pin(async move {
            let passed = call::approve(call, fingerprint).await;
            match (&passed, &call.request.idempotency_key) {
                (Err(refusal), Some(key)) if refusal.code == Code::Forbidden => {
                    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                    if told.insert(key.clone()) { passed } else { Ok(()) }
                }
                _ => passed,
            }
        })
    });
}
