//! Does not check `if`, `then` and `else`.

use super::Defect;
use crate::flow::Flow;
use crate::misreading;

pub(super) const DEFECT: Defect = Defect {
    name: "conditions-unchecked",
    requirement: "EXE-02",
    summary: "Does not check `if`, `then` and `else`.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::without(&["if", "then", "else"]);
}
