//! Passes on what a vendor sent, whatever the output schema says.

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "vendor-data-unchecked",
    requirement: "UPS-05",
    summary: "Passes on what a vendor sent, whatever the output schema says.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.is_output = |_, _| true;
}
