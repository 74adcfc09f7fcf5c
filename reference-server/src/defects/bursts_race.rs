//! Looks at what is left and counts later: calls that come at once pass beyond the limit.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "bursts-race",
    requirement: "RTL-12",
    summary: "Looks at what is left and counts later: calls that come at once pass beyond the limit.",
    plant,
};

/// Counters are written in batches, once no call has come for so long.
const QUIET: Duration = Duration::from_millis(20);

fn plant(flow: &mut Flow) {
    let latest = Arc::new(Mutex::new(None::<Instant>));
    flow.take = Box::new(move |hub, key, now| {
        let latest = Arc::clone(&latest);
        Box::pin(async move {
            let left = hub.limits.show(key, now);
            if left.remaining == 0 {
                return Err(left);
            }
            *latest.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
            loop {
                tokio::time::sleep(QUIET).await;
                let latest = *latest.lock().unwrap_or_else(PoisonError::into_inner);
                if latest.is_none_or(|latest| latest.elapsed() >= QUIET) {
                    return Ok(hub.limits.count(key, now));
                }
            }
        })
    });
}
