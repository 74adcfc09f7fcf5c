//! Leaves tools of risk `admin` out of a domain's listing, but not out of the whole one.

use super::Defect;
use crate::catalogue::RiskLevel;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "filter-hides-admin-tools",
    requirement: "CAT-02",
    summary: "Leaves tools of risk `admin` out of a domain's listing, but not out of the whole one.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.in_domain = |tool, domain| tool.domain == domain && tool.risk_level != RiskLevel::Admin;
}
