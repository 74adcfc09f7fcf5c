//! Does not check `allOf`.

use super::Defect;
use crate::flow::Flow;
use crate::misreading;

pub(super) const DEFECT: Defect = Defect {
    name: "all-of-unchecked",
    requirement: "EXE-02",
    summary: "Does not check `allOf`.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::without(&["allOf"]);
}
