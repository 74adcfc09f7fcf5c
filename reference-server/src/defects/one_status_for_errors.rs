//! Answers every error but a throttled call with 400.

use http::StatusCode;

use super::Defect;
use crate::error::Code;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "one-status-for-errors",
    requirement: "ENV-11",
    summary: "Answers every error but a throttled call with 400.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.failure_status = |error| match error.code {
        Code::RateLimited => error.status(),
        _ => StatusCode::BAD_REQUEST,
    };
}
