//! Tells of a vendor's error that there was one, and not with which status.

use super::Defect;
use crate::call::upstream;
use crate::error::ApiError;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "vendor-status-untold",
    requirement: "UPS-08",
    summary: "Tells of a vendor's error that there was one, and not with which status.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.upstream = |fault| {
        let error = upstream(fault);
        let (code, retry_after) = (error.code, error.retry_after);
        let mut told = ApiError::new(code, "The vendor failed.").with("reason", "vendor_error");
        told.retry_after = retry_after;
        told
    };
}
