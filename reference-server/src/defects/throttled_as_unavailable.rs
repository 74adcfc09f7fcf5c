//! Answers calls beyond the limit with 503.

use http::StatusCode;

use super::Defect;
use crate::flow::Flow;
use crate::limits;

pub(super) const DEFECT: Defect = Defect {
    name: "throttled-as-unavailable",
    requirement: "RTL-04",
    summary: "Answers calls beyond the limit with 503.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.throttle = |quota, now| limits::refuse(quota, now).under(StatusCode::SERVICE_UNAVAILABLE);
}
