//! Keeps INVALID_INPUT as the outcome of an idempotency key: the corrected call never executes.

use super::Defect;
use crate::error::Code;
use crate::flow::Flow;
use crate::kept_refusals::keep_refusals;

pub(super) const DEFECT: Defect = Defect {
    name: "keys-spent-by-invalid-input",
    requirement: "IDM-07",
    summary: "Keeps INVALID_INPUT as the outcome of an idempotency key: the corrected call never executes.",
    plant,
};

fn plant(flow: &mut Flow) {
    keep_refusals(flow, Code::InvalidInput);
}
