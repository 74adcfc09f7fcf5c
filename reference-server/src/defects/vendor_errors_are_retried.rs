//! Sends a call again that the vendor answers with 5xx, whatever it does.

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "vendor-errors-are-retried",
    requirement: "UPS-06",
    summary: "Sends a call again that the vendor answers with 5xx, whatever it does.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.vendors.sends_again = |attempt| attempt.sent < 3 && attempt.status().is_some_and(|status| status >= 500);
}
