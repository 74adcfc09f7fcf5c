//! Keeps each call for 25 ms before it starts its stopwatch: most of what a caller waits for is the hub, and `duration_ms` hides it.

use std::time::Duration;

use tokio::time::sleep;

use super::Defect;
use crate::flow::Flow;
use crate::limits;

pub(super) const DEFECT: Defect = Defect {
    name: "overhead-untold",
    requirement: "LAT-03",
    summary: "Keeps each call for 25 ms before it starts the stopwatch of `duration_ms`.",
    plant,
};

const KEPT: Duration = Duration::from_millis(25);

fn plant(flow: &mut Flow) {
    flow.take = Box::new(|hub, key, now| {
        Box::pin(async move {
            sleep(KEPT).await;
            limits::take(hub, key, now).await
        })
    });
}
