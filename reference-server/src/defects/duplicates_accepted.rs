//! Does not check `uniqueItems`.

use super::Defect;
use crate::flow::Flow;
use crate::misreading;

pub(super) const DEFECT: Defect = Defect {
    name: "duplicates-accepted",
    requirement: "EXE-02",
    summary: "Does not check `uniqueItems`.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::without(&["uniqueItems"]);
}
