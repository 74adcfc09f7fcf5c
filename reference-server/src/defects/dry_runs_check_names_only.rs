//! Checks of a dry run's input that the required members are there and no unknown ones, not what they hold.

use super::Defect;
use crate::error::ApiError;
use crate::flow::Flow;
use crate::unchecked_dry_runs::let_dry_runs_pass;

pub(super) const DEFECT: Defect = Defect {
    name: "dry-runs-check-names-only",
    requirement: "DRY-02",
    summary: "Checks of a dry run's input that the required members are there and no unknown ones, not what they hold.",
    plant,
};

fn plant(flow: &mut Flow) {
    let_dry_runs_pass(flow, |error| {
        keyword(error).is_some_and(|keyword| !["required", "additionalProperties"].contains(&keyword))
    });
}

/// The keyword of the schema that the input breaks.
fn keyword(error: &ApiError) -> Option<&str> {
    error
        .details
        .get("errors")
        .and_then(|errors| errors[0]["keyword"].as_str())
}
