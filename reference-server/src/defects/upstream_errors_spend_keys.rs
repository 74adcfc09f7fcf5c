//! Keeps UPSTREAM_ERROR as the outcome of an idempotency key: no retry under it executes.

use super::Defect;
use crate::error::Code;
use crate::flow::Flow;
use crate::kept_refusals::keep_refusals;

pub(super) const DEFECT: Defect = Defect {
    name: "upstream-errors-spend-keys",
    requirement: "IDM-09",
    summary: "Keeps UPSTREAM_ERROR as the outcome of an idempotency key: no retry under it executes.",
    plant,
};

fn plant(flow: &mut Flow) {
    keep_refusals(flow, Code::UpstreamError);
}
