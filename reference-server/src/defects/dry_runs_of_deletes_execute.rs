//! Executes a dry run where nothing would be created or modified: a deletion.

use super::Defect;
use crate::call;
use crate::catalogue::RiskLevel;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "dry-runs-of-deletes-execute",
    requirement: "DRY-01",
    summary: "Executes a dry run where nothing would be created or modified: a deletion.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.rehearse = Box::new(|call| match call.tool.risk_level {
        RiskLevel::Destructive => Box::pin(std::future::ready(None)),
        _ => call::rehearse(call),
    });
}
