//! Has lost the index that its listings were made from: 5 ms more for each of them, and nothing for any other tool.

use std::time::Duration;

use tokio::time::sleep;

use super::Defect;
use crate::call;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "listings-slower",
    requirement: "LAT-02",
    summary: "Has lost the index of its listings: 5 ms more for each tool that lists, and nothing for any other.",
    plant,
};

const MORE: Duration = Duration::from_millis(5);

fn plant(flow: &mut Flow) {
    flow.carry_out = Box::new(|call| {
        Box::pin(async move {
            if call.tool.key.ends_with(".list") {
                sleep(MORE).await;
            }
            call::carry_out(call).await
        })
    });
}
