//! Answers a dry run without a valid key.

use super::Defect;
use crate::error::Code;
use crate::flow::Flow;
use crate::unchecked_dry_runs::let_dry_runs_pass;

pub(super) const DEFECT: Defect = Defect {
    name: "dry-runs-skip-key",
    requirement: "DRY-04",
    summary: "Answers a dry run without a valid key.",
    plant,
};

fn plant(flow: &mut Flow) {
    let_dry_runs_pass(flow, |error| error.code == Code::Unauthorized);
}
