//! Does not check the bounds of numbers.

use super::Defect;
use crate::flow::Flow;
use crate::misreading;

pub(super) const DEFECT: Defect = Defect {
    name: "bounds-unchecked",
    requirement: "EXE-02",
    summary: "Does not check the bounds of numbers.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::without(&["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]);
}
