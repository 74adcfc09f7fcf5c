//! Does not check `minLength` and `maxLength`.

use super::Defect;
use crate::flow::Flow;
use crate::misreading;

pub(super) const DEFECT: Defect = Defect {
    name: "lengths-unchecked",
    requirement: "EXE-02",
    summary: "Does not check `minLength` and `maxLength`.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::without(&["minLength", "maxLength"]);
}
