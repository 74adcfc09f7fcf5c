//! Does not check `minItems` and `maxItems`.

use super::Defect;
use crate::flow::Flow;
use crate::misreading;

pub(super) const DEFECT: Defect = Defect {
    name: "item-counts-unchecked",
    requirement: "EXE-02",
    summary: "Does not check `minItems` and `maxItems`.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::without(&["minItems", "maxItems"]);
}
