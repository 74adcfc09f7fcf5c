//! Waits for a vendor for as long as it likes.

use std::time::Duration;

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "vendors-awaited-without-end",
    requirement: "UPS-04",
    summary: "Waits for a vendor for as long as it likes.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.vendors.deadline = |_| Duration::from_secs(24 * 60 * 60);
}
