//! Answers a vendor's 403 with FORBIDDEN.

use super::Defect;
use crate::call::upstream;
use crate::connectors::VendorError;
use crate::error::{ApiError, Code};
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "vendor-403-is-the-clients",
    requirement: "UPS-03",
    summary: "Answers a vendor's 403 with FORBIDDEN.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.upstream = |fault| match fault {
        VendorError::Status { status: 403, .. } => ApiError::new(Code::Forbidden, "The vendor does not allow it."),
        other => upstream(other),
    };
}
