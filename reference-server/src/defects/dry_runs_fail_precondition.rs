//! Answers a dry run's success with 412.

use http::StatusCode;

use super::Defect;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "dry-runs-fail-precondition",
    requirement: "ENV-10",
    summary: "Answers a dry run's success with 412.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.success_status = |success| {
        if success.dry_run {
            StatusCode::PRECONDITION_FAILED
        } else {
            StatusCode::OK
        }
    };
}
