//! Answers calls beyond the limit with what the gateway says: 429 without the envelope.

use serde_json::json;

use super::Defect;
use crate::envelope;
use crate::error::Code;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "throttled-without-envelope",
    requirement: "RTL-04",
    summary: "Answers calls beyond the limit with what the gateway says: 429 without the envelope.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.failure = |head, error, request_id| match error.code {
        Code::RateLimited => json!({"message": "API rate limit exceeded"}),
        _ => envelope::failure(head, error, request_id),
    };
}
