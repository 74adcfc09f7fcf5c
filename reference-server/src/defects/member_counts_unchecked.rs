//! Does not check `minProperties` and `maxProperties`.

use super::Defect;
use crate::flow::Flow;
use crate::misreading;

pub(super) const DEFECT: Defect = Defect {
    name: "member-counts-unchecked",
    requirement: "EXE-02",
    summary: "Does not check `minProperties` and `maxProperties`.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::without(&["minProperties", "maxProperties"]);
}
