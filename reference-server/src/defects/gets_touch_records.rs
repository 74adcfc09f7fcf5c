//! Stamps a record as updated when it is read.

use super::Defect;
use crate::connectors::VendorCall;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "gets-touch-records",
    requirement: "EXE-16",
    summary: "Stamps a record as updated when it is read.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.carry_out = Box::new(|call| {
        Box::pin(async move {
            let answer = call.hub.connector.execute(call.vendor_call()).await?;
            let update = call
                .tool
                .key
                .strip_suffix(".get")
                .map(|resource| format!("{resource}.update"));
            if let Some(tool) = update.and_then(|update| call.hub.catalogue.tool(&update)) {
                // The id alone: nothing changes but the stamp.
                let vendor_call = VendorCall {
                    tool,
                    ..call.vendor_call()
                };
                let _ = call.hub.connector.execute(vendor_call).await;
            }
            Ok(answer)
        })
    });
}
