//! Does not check `not`.

use super::Defect;
use crate::flow::Flow;
use crate::misreading;

pub(super) const DEFECT: Defect = Defect {
    name: "negations-unchecked",
    requirement: "EXE-02",
    summary: "Does not check `not`.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::without(&["not"]);
}
