//! Fails inside where the vendor's answer cannot be read.

use super::Defect;
use crate::call::upstream;
use crate::connectors::VendorError;
use crate::error::{ApiError, Code};
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "unreadable-answers-crash",
    requirement: "UPS-04",
    summary: "Fails inside where the vendor's answer cannot be read.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.upstream = |fault| match fault {
        VendorError::Malformed(why) => ApiError::new(Code::InternalError, why),
        other => upstream(other),
    };
}
