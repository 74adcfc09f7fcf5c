//! Answers calls beyond the limit with 403 and FORBIDDEN.

use super::Defect;
use crate::error::Code;
use crate::flow::Flow;
use crate::limits;

pub(super) const DEFECT: Defect = Defect {
    name: "throttled-as-forbidden",
    requirement: "RTL-04",
    summary: "Answers calls beyond the limit with 403 and FORBIDDEN.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.throttle = |quota, now| {
        let mut refusal = limits::refuse(quota, now);
        refusal.code = Code::Forbidden;
        refusal
    };
}
