//! Does not check `anyOf`.

use super::Defect;
use crate::flow::Flow;
use crate::misreading;

pub(super) const DEFECT: Defect = Defect {
    name: "any-of-unchecked",
    requirement: "EXE-02",
    summary: "Does not check `anyOf`.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::without(&["anyOf"]);
}
