//! Sends a call again that the vendor throttles, and gives up with UPSTREAM_ERROR.

use super::Defect;
use crate::call::upstream;
use crate::connectors::VendorError;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "vendor-throttles-are-waited-out",
    requirement: "UPS-02",
    summary: "Sends a call again that the vendor throttles, and gives up with UPSTREAM_ERROR.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.vendors.sends_again = |attempt| attempt.sent < 3 && attempt.status() == Some(429);
    flow.upstream = |fault| match fault {
        VendorError::Status { status: 429, .. } => upstream(VendorError::TimedOut),
        other => upstream(other),
    };
}
