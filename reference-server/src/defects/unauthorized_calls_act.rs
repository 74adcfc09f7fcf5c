//! Carries a call without a valid key out in the first workspace, and answers UNAUTHORIZED.

use super::Defect;
use crate::error::Code;
use crate::flow::Flow;
use crate::late_checks::act_all_the_same;

pub(super) const DEFECT: Defect = Defect {
    name: "unauthorized-calls-act",
    requirement: "AUTH-07",
    summary: "Carries a call without a valid key out in the first workspace, and answers UNAUTHORIZED.",
    plant,
};

fn plant(flow: &mut Flow) {
    act_all_the_same(flow, |error| error.code == Code::Unauthorized);
}
