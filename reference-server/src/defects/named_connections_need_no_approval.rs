//! Executes a gated call that names its connection: the policy is looked up on the way to the default.

use super::Defect;
use crate::call;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "named-connections-need-no-approval",
    requirement: "APR-07",
    summary: "Executes a gated call that names its connection: the policy is looked up on the way to the default.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.gates = |call| call.request.connection_id.is_none() && call::gates(call);
}
