//! Answers a dry run before it looks at the input.

use super::Defect;
use crate::error::{ApiError, Code};
use crate::flow::Flow;
use crate::unchecked_dry_runs::let_dry_runs_pass;

pub(super) const DEFECT: Defect = Defect {
    name: "dry-runs-skip-validation",
    requirement: "DRY-02",
    summary: "Answers a dry run before it looks at the input.",
    plant,
};

fn plant(flow: &mut Flow) {
    let_dry_runs_pass(flow, |error| {
        error.code == Code::InvalidInput && keyword(error).is_some()
    });
}

/// The keyword of the schema that the input breaks.
fn keyword(error: &ApiError) -> Option<&str> {
    error
        .details
        .get("errors")
        .and_then(|errors| errors[0]["keyword"].as_str())
}
