//! Hands a dry run down to the vendor, in a member of the input that no vendor knows.

use super::Defect;
use crate::call::rehearse;
use crate::connectors::VendorCall;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "dry-runs-left-to-the-vendor",
    requirement: "DRY-06",
    summary: "Hands a dry run down to the vendor, in a member of the input that no vendor knows.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.rehearse = Box::new(|call| {
        Box::pin(async move {
            let mut input = call.request.input.clone();
            if let Some(members) = input.as_object_mut() {
                members.insert("dry_run".to_owned(), true.into());
            }
            let handed_down = VendorCall {
                input: &input,
                ..call.vendor_call()
            };
            let _ = call.hub.connector.execute(handed_down).await;
            rehearse(call).await
        })
    });
}
