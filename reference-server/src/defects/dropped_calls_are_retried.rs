//! Sends a call again whose connection to the vendor broke, though the vendor may have acted.

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "dropped-calls-are-retried",
    requirement: "UPS-06",
    summary: "Sends a call again whose connection to the vendor broke, though the vendor may have acted.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.vendors.sends_again = |attempt| attempt.sent < 2 && attempt.outcome.is_err();
}
