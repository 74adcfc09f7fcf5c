//! Acts on the domain's default connection, and names the one that was asked for.

use super::Defect;
use crate::connectors::VendorCall;
use crate::flow::Flow;
use crate::routing;

pub(super) const DEFECT: Defect = Defect {
    name: "default-account-acts",
    requirement: "EXE-12",
    summary: "Acts on the domain's default connection, and names the one that was asked for.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.carry_out = Box::new(|call| {
        let default = routing::automatic(&call.hub, &call.key, &call.tool).ok();
        Box::pin(async move {
            let connection = default.as_ref().unwrap_or(&call.connection);
            let vendor_call = VendorCall {
                connection,
                ..call.vendor_call()
            };
            call.hub.connector.execute(vendor_call).await
        })
    });
}
