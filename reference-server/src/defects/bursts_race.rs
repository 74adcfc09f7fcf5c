//! Looks at what is left and counts later: calls that come at once pass beyond the limit.

use std::time::Duration;

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "bursts-race",
    requirement: "RTL-12",
    summary: "Looks at what is left and counts later: calls that come at once pass beyond the limit.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.take = Box::new(|hub, key, now| {
        Box::pin(async move {
            let left = hub.limits.show(key, now);
            if left.remaining == 0 {
                return Err(left);
            }
            // The way to a store of counters and back.
            tokio::time::sleep(Duration::from_millis(60)).await;
            Ok(hub.limits.count(key, now))
        })
    });
}
