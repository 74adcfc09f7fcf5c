//! Does not check `propertyNames`.

use super::Defect;
use crate::flow::Flow;
use crate::misreading;

pub(super) const DEFECT: Defect = Defect {
    name: "member-names-unchecked",
    requirement: "EXE-02",
    summary: "Does not check `propertyNames`.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::without(&["propertyNames"]);
}
