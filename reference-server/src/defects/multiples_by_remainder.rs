//! Takes the remainder in binary floating point to check `multipleOf`: 0.5 is no multiple of 0.1 then.

use serde_json::Value;

use super::Defect;
use crate::flow::Flow;
use crate::misreading;

pub(super) const DEFECT: Defect = Defect {
    name: "multiples-by-remainder",
    requirement: "EXE-01",
    summary: "Takes the remainder in binary floating point to check `multipleOf`: 0.5 is no multiple of 0.1 then.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::checking("multipleOf", holds);
}

fn holds(asked: &Value, given: &Value) -> bool {
    let (Some(step), Some(number)) = (asked.as_f64(), given.as_f64()) else {
        return true;
    };
    number % step == 0.0
}
