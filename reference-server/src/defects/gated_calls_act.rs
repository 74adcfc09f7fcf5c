//! Answers a gated call with APPROVAL_REQUIRED, and acts all the same.

use super::Defect;
use crate::error::Code;
use crate::flow::Flow;
use crate::late_checks::act_all_the_same;

pub(super) const DEFECT: Defect = Defect {
    name: "gated-calls-act",
    requirement: "APR-01",
    summary: "Answers a gated call with APPROVAL_REQUIRED, and acts all the same.",
    plant,
};

fn plant(flow: &mut Flow) {
    act_all_the_same(flow, |error| error.code == Code::ApprovalRequired);
}
