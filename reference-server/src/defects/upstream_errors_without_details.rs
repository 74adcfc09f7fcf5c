//! Answers a vendor's error with nothing but the code and a message.

use super::Defect;
use crate::call::upstream;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "upstream-errors-without-details",
    requirement: "UPS-01",
    summary: "Answers a vendor's error with nothing but the code and a message.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.upstream = |fault| {
        let mut error = upstream(fault);
        error.details.clear();
        error
    };
}
