//! Executes a dry run like any call.

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "dry-runs-execute",
    requirement: "DRY-01",
    summary: "Executes a dry run like any call.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.rehearse = Box::new(|_| Box::pin(std::future::ready(None)));
}
