//! Does not check `pattern`.

use super::Defect;
use crate::flow::Flow;
use crate::misreading;

pub(super) const DEFECT: Defect = Defect {
    name: "patterns-unchecked",
    requirement: "EXE-02",
    summary: "Does not check `pattern`.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::without(&["pattern"]);
}
