//! Checks `then` where the condition holds, but not `else` where it does not.

use super::Defect;
use crate::flow::Flow;
use crate::misreading;

pub(super) const DEFECT: Defect = Defect {
    name: "else-unchecked",
    requirement: "EXE-02",
    summary: "Checks `then` where the condition holds, but not `else` where it does not.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::without(&["else"]);
}
