//! Executes gated calls as if there were no policies.

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "gated-calls-execute",
    requirement: "APR-01",
    summary: "Executes gated calls as if there were no policies.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.gates = |_| false;
}
