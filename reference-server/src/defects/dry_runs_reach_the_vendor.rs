//! Has the vendor carry a dry run out, and answers as if it had not.

use super::Defect;
use crate::call::{carry_out, rehearse};
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "dry-runs-reach-the-vendor",
    requirement: "DRY-06",
    summary: "Has the vendor carry a dry run out, and answers as if it had not.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.rehearse = Box::new(|call| {
        Box::pin(async move {
            let _ = carry_out(call).await;
            rehearse(call).await
        })
    });
}
