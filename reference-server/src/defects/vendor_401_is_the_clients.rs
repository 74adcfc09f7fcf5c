//! Answers a vendor's 401 with UNAUTHORIZED.

use super::Defect;
use crate::call::upstream;
use crate::connectors::VendorError;
use crate::error::{ApiError, Code};
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "vendor-401-is-the-clients",
    requirement: "UPS-03",
    summary: "Answers a vendor's 401 with UNAUTHORIZED.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.upstream = |fault| match fault {
        VendorError::Status { status: 401, .. } => {
            ApiError::new(Code::Unauthorized, "The vendor does not know the key.")
        }
        other => upstream(other),
    };
}
