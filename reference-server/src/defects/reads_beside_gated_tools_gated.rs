//! Gates the reads of a resource that has a gated tool: the policy matches by resource.

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "reads-beside-gated-tools-gated",
    requirement: "APR-10",
    summary: "Gates the reads of a resource that has a gated tool: the policy matches by resource.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.gates = |call| {
        let resource = |key: &str| key.rsplit_once('.').map(|(resource, _)| resource.to_owned());
        let own = resource(&call.tool.key);
        let mut tools = call.hub.catalogue.tools.iter();
        tools.any(|tool| resource(&tool.key) == own && call.hub.is_gated(&call.key.workspace, tool))
            && (!call.tool.risk_level.changes_state() || call.hub.is_gated(&call.key.workspace, &call.tool))
    };
}
