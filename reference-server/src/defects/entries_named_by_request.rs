//! Names the request as the approval's id: no entry has that id.

use super::Defect;
use crate::call;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "entries-named-by-request",
    requirement: "APR-09",
    summary: "Names the request as the approval's id: no entry has that id.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.approve = Box::new(|call, fingerprint| {
        Box::pin(async move {
            call::approve(call, fingerprint).await.map_err(|mut refusal| {
                refusal
                    .details
                    .insert("approval_id".to_owned(), call.request_id.to_string().into());
                refusal
            })
        })
    });
}
