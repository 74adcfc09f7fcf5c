//! Refuses the number that `maximum` names.

use serde_json::Value;

use super::Defect;
use crate::flow::Flow;
use crate::misreading;

pub(super) const DEFECT: Defect = Defect {
    name: "maximum-refused",
    requirement: "EXE-01",
    summary: "Refuses the number that `maximum` names.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::checking("maximum", holds);
}

fn holds(asked: &Value, given: &Value) -> bool {
    let (Some(most), Some(number)) = (asked.as_f64(), given.as_f64()) else {
        return true;
    };
    number < most
}
