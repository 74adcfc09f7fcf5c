//! Answers the replay of an approved call with APPROVAL_REQUIRED for ever.

use super::Defect;
use crate::call;
use crate::error::{ApiError, Code};
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "approved-calls-keep-waiting",
    requirement: "APR-03",
    summary: "Answers the replay of an approved call with APPROVAL_REQUIRED for ever.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.approve = Box::new(|call, fingerprint| {
        Box::pin(async move {
            call::approve(call, fingerprint).await?;
            Err(ApiError::new(Code::ApprovalRequired, "This call waits for approval.").with("status", "approved"))
        })
    });
}
