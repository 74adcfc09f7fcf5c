//! Looks its records up one by one for the listing of tickets: 60 ms more than any other read.

use std::time::Duration;

use tokio::time::sleep;

use super::Defect;
use crate::call;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "one-tool-slow",
    requirement: "LAT-01",
    summary: "Looks its records up one by one for `itsm.tickets.list`: 60 ms more than any other read.",
    plant,
};

const SLOW: &str = "itsm.tickets.list";
const MORE: Duration = Duration::from_millis(60);

fn plant(flow: &mut Flow) {
    flow.carry_out = Box::new(|call| {
        Box::pin(async move {
            if call.tool.key == SLOW {
                sleep(MORE).await;
            }
            call::carry_out(call).await
        })
    });
}
