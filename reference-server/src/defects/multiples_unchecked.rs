//! Does not check `multipleOf`.

use super::Defect;
use crate::flow::Flow;
use crate::misreading;

pub(super) const DEFECT: Defect = Defect {
    name: "multiples-unchecked",
    requirement: "EXE-02",
    summary: "Does not check `multipleOf`.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::without(&["multipleOf"]);
}
