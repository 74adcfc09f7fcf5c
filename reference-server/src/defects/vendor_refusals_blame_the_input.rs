//! Answers a vendor's 4xx with INVALID_INPUT.

use super::Defect;
use crate::call::upstream;
use crate::connectors::VendorError;
use crate::error::ApiError;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "vendor-refusals-blame-the-input",
    requirement: "UPS-01",
    summary: "Answers a vendor's 4xx with INVALID_INPUT.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.upstream = |fault| match fault {
        VendorError::Status {
            status: 400 | 409,
            message,
            ..
        } => ApiError::invalid(message),
        other => upstream(other),
    };
}
