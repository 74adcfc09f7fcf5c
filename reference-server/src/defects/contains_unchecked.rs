//! Does not check `contains`.

use super::Defect;
use crate::flow::Flow;
use crate::misreading;

pub(super) const DEFECT: Defect = Defect {
    name: "contains-unchecked",
    requirement: "EXE-02",
    summary: "Does not check `contains`.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::without(&["contains", "minContains", "maxContains"]);
}
