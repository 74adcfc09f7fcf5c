//! Holds what a vendor sent against the output schema for tools that change something alone.

use super::Defect;
use crate::call::is_output;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "vendor-reads-unchecked",
    requirement: "UPS-05",
    summary: "Holds what a vendor sent against the output schema for tools that change something alone.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.is_output = |tool, data| !tool.risk_level.changes_state() || is_output(tool, data);
}
