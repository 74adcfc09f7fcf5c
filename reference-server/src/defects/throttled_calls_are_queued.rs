//! Queues a call beyond the limit: it was answered with 429, and is carried out before the hub's next call.

use std::sync::{Arc, Mutex, PoisonError};

use super::Defect;
use crate::error::Code;
use crate::flow::Flow;
use crate::late_checks::Deed;
use crate::limits;

pub(super) const DEFECT: Defect = Defect {
    name: "throttled-calls-are-queued",
    requirement: "RTL-05",
    summary: "Queues a call beyond the limit: it was answered with 429, and is carried out before the hub's next call.",
    plant,
};

fn plant(flow: &mut Flow) {
    let queue: Arc<Mutex<Vec<Deed>>> = Arc::default();
    let queued = Arc::clone(&queue);
    flow.settle = Box::new(move |mut refusal| {
        let queued = Arc::clone(&queued);
        Box::pin(async move {
            if refusal.error.code == Code::RateLimited
                && let Some(deed) = Deed::of(&mut refusal).await
            {
                queued.lock().unwrap_or_else(PoisonError::into_inner).push(deed);
            }
            Err(refusal.error)
        })
    });
    flow.take = Box::new(move |hub, key, now| {
        let waiting = std::mem::take(&mut *queue.lock().unwrap_or_else(PoisonError::into_inner));
        Box::pin(async move {
            for deed in waiting {
                deed.perform().await;
            }
            limits::take(hub, key, now).await
        })
    });
}
