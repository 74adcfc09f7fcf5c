//! Does not check `unevaluatedProperties`, which draft-07 does not have.

use super::Defect;
use crate::flow::Flow;
use crate::misreading;

pub(super) const DEFECT: Defect = Defect {
    name: "unevaluated-members-accepted",
    requirement: "EXE-02",
    summary: "Does not check `unevaluatedProperties`, which draft-07 does not have.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::without(&["unevaluatedProperties"]);
}
