//! Waits for its audit log before it answers: 3 ms more for each call.

use std::time::Duration;

use tokio::time::sleep;

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "audit-awaited",
    requirement: "LAT-02",
    summary: "Waits for its audit log before it answers: 3 ms more for each call.",
    plant,
};

const WRITTEN: Duration = Duration::from_millis(3);

fn plant(flow: &mut Flow) {
    flow.deliver = Box::new(|data| {
        Box::pin(async move {
            sleep(WRITTEN).await;
            data
        })
    });
}
