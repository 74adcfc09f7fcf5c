//! Gates searches as if they took data out.

use super::Defect;
use crate::call;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "searches-gated",
    requirement: "APR-10",
    summary: "Gates searches as if they took data out.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.gates = |call| call::gates(call) || call.tool.key.ends_with(".search");
}
