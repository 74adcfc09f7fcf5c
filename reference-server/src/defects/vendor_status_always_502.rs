//! Tells its own status as that of the vendor.

use super::Defect;
use crate::call::upstream;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "vendor-status-always-502",
    requirement: "UPS-08",
    summary: "Tells its own status as that of the vendor.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.upstream = |fault| {
        let mut error = upstream(fault);
        if let Some(status) = error.details.get_mut("vendor_status") {
            *status = 502.into();
        }
        error.details.remove("vendor_message");
        error
    };
}
