//! Queues a call beyond the limit: it was answered with 429 when it is carried out.

use std::time::Duration;

use super::Defect;
use crate::error::Code;
use crate::flow::Flow;
use crate::late_checks::Deed;

pub(super) const DEFECT: Defect = Defect {
    name: "throttled-calls-are-queued",
    requirement: "RTL-05",
    summary: "Queues a call beyond the limit: it was answered with 429 when it is carried out.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.settle = Box::new(|mut refusal| {
        Box::pin(async move {
            if refusal.error.code == Code::RateLimited
                && let Some(deed) = Deed::of(&mut refusal).await
            {
                tokio::spawn(async {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    deed.perform().await;
                });
            }
            Err(refusal.error)
        })
    });
}
