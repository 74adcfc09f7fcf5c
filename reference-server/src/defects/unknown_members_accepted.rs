//! Does not check `additionalProperties`.

use super::Defect;
use crate::flow::Flow;
use crate::misreading;

pub(super) const DEFECT: Defect = Defect {
    name: "unknown-members-accepted",
    requirement: "EXE-02",
    summary: "Does not check `additionalProperties`.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::without(&["additionalProperties"]);
}
