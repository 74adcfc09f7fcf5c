//! Says `dangerous` for destructive.

use super::Defect;
use crate::catalogue::RiskLevel;
use crate::catalogue_view;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "risk-in-other-words",
    requirement: "CAT-07",
    summary: "Says `dangerous` for destructive.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.risk = |level| match level {
        RiskLevel::Destructive => "dangerous",
        other => catalogue_view::risk(other),
    };
}
