//! Says that the input is wrong, but not where.

use super::Defect;
use crate::flow::Flow;
use crate::input;

pub(super) const DEFECT: Defect = Defect {
    name: "faults-not-located",
    requirement: "EXE-13",
    summary: "Says that the input is wrong, but not where.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = Box::new(|tool, given| {
        input::validate(tool, given).map_err(|mut error| {
            error.details.clear();
            error
        })
    });
}
