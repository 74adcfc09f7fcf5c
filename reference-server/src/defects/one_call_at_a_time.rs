//! Has one connection to all vendors: calls wait in line for it, 4 ms each.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::sleep;

use super::Defect;
use crate::call;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "one-call-at-a-time",
    requirement: "LAT-01",
    summary: "Has one connection to all vendors: calls wait in line for it, 4 ms each.",
    plant,
};

const HELD: Duration = Duration::from_millis(4);

fn plant(flow: &mut Flow) {
    let only = Arc::new(Mutex::new(()));
    flow.carry_out = Box::new(move |call| {
        let only = Arc::clone(&only);
        Box::pin(async move {
            let _held = only.lock().await;
            sleep(HELD).await;
            call::carry_out(call).await
        })
    });
}
