//! Does not check `enum` and `const`.

use super::Defect;
use crate::flow::Flow;
use crate::misreading;

pub(super) const DEFECT: Defect = Defect {
    name: "enums-unchecked",
    requirement: "EXE-02",
    summary: "Does not check `enum` and `const`.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::without(&["enum", "const"]);
}
