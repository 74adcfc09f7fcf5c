//! Carries out what is right in an input, and answers INVALID_INPUT for the rest.

use super::Defect;
use crate::error::Code;
use crate::flow::Flow;
use crate::late_checks::act_all_the_same;

pub(super) const DEFECT: Defect = Defect {
    name: "invalid-calls-act",
    requirement: "EXE-11",
    summary: "Carries out what is right in an input, and answers INVALID_INPUT for the rest.",
    plant,
};

fn plant(flow: &mut Flow) {
    // A conflict of idempotency keys has a status of its own.
    act_all_the_same(flow, |error| error.code == Code::InvalidInput && error.status.is_none());
}
